import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { microsoft365AdminConsents } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { hours, shiftClock } from '@/lib/clock'
import { makeCompany } from '@/lib/testing/company'
import { consent } from '@/lib/testing/consent'
import { testDb } from '@/lib/testing/database'
import { type Microsoft, startMicrosoft } from '@/lib/testing/microsoft'
import { adminConsentParameters, listAdminConsents, noteAdminConsent } from './admin-consent'

/** ANNA is told that an administrator has to consent first; gives the link to send. */
async function askedFor(db: Db, microsoft: Microsoft, actor: Actor, purpose: 'connect' | 'graph' = 'connect'): Promise<string> {
  expect(await consent(db, microsoft, actor, { purpose, answer: 'admin' })).toMatchObject({ outcome: 'adminConsentNeeded' })
  const asked = (await listAdminConsents(db, actor)).find(consent => consent.purpose === purpose)
  return asked?.link ?? ''
}

const answered = async (db: Db, microsoft: Microsoft, link: string, answer: 'accept' | 'cancel') =>
  noteAdminConsent(db, adminConsentParameters.parse(await microsoft.signIn(link, { address: 'admin@acme.test', answer })))

const grantedOf = async (db: Db, actor: Actor) => (await listAdminConsents(db, actor)).map(({ purpose, grantedAt }) => [purpose, grantedAt !== null])

test.each([
  ['connect', 'https://outlook.office.com/SMTP.Send'],
  ['graph', 'Mail.Send'],
] as const)('the link for an administrator asks for what %s needs, of one resource, and their yes is noted', async (purpose, scope) => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  const link = new URL(await askedFor(db, microsoft, user, purpose))
  expect(link.pathname).toBe('/organizations/v2.0/adminconsent')
  expect(link.searchParams.get('scope')?.split(' ')).toEqual([purpose === 'graph' ? `${microsoft.identity.authority}/${scope}` : scope])
  expect(link.searchParams.get('redirect_uri')).toBe(microsoft.identity.redirectUri)
  expect(await grantedOf(db, user)).toEqual([[purpose, false]])

  expect(await answered(db, microsoft, link.href, 'accept')).toBe(true)
  expect(await grantedOf(db, user)).toEqual([[purpose, true]])
  expect((await listAdminConsents(db, user))[0]?.link, 'nobody has to be asked any more').toBeNull()
})

test('a refusal of the administrator notes nothing, though Microsoft says admin_consent=True of it as well', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  const link = await askedFor(db, microsoft, user)
  expect(await microsoft.signIn(link, { address: 'admin@acme.test', answer: 'cancel' })).toMatchObject({ admin_consent: 'True', error: 'access_denied' })
  expect(await answered(db, microsoft, link, 'cancel')).toBe(false)
  expect(await grantedOf(db, user)).toEqual([['connect', false]])
  expect(await answered(db, microsoft, link, 'accept'), 'they may think again').toBe(true)
})

test('a made-up state, one of another company and one of another way of sending note nothing for this one', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const [acme, globex] = [await makeCompany(db), await makeCompany(db, 'globex')]
  const link = await askedFor(db, microsoft, acme.user)
  const theirs = new URL(await askedFor(db, microsoft, globex.user)).searchParams.get('state') ?? ''
  const good = adminConsentParameters.parse(await microsoft.signIn(link, { address: 'admin@acme.test' }))
  const note = (change: Partial<typeof good>) => noteAdminConsent(db, { ...good, ...change })

  expect(await note({ state: 'admin-consent.x' })).toBe(false)
  const forged = [...theirs.split('.').slice(0, -1), good.state.split('.').at(-1)].join('.')
  expect(await note({ state: forged }), 'signed for one company only').toBe(false)
  expect(await note({ state: good.state.replace('connect', 'graph') })).toBe(false)
  expect(await note({ state: good.state.replace(/.$/, 'é') }), 'as many characters as a signature, but more bytes').toBe(false)
  expect(await note({ tenant: '' }), 'nobody granted it').toBe(false)
  expect(await note({ admin_consent: '' })).toBe(false)
  expect([await grantedOf(db, acme.user), await grantedOf(db, globex.user)]).toEqual([[['connect', false]], [['connect', false]]])

  expect(await note({})).toBe(true)
  expect([await grantedOf(db, acme.user), await grantedOf(db, globex.user)]).toEqual([[['connect', true]], [['connect', false]]])
})

test('a link counts for days and however often somebody asks meanwhile, but not for a consent wanted anew', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user, second } = await makeCompany(db)
  const link = await askedFor(db, microsoft, user)
  const putBack = shiftClock(hours(50))
  expect(await askedFor(db, microsoft, second), 'a colleague tries, too').toBe(link)
  expect(await answered(db, microsoft, link, 'accept')).toBe(true)
  const [noted] = await db.select().from(microsoft365AdminConsents)
  expect(await answered(db, microsoft, link, 'accept'), 'twice is as good as once').toBe(true)
  expect(await db.select().from(microsoft365AdminConsents)).toEqual([noted])

  const anew = await askedFor(db, microsoft, user)
  expect(anew, 'the consent was taken back at Microsoft').not.toBe(link)
  expect(await answered(db, microsoft, link, 'accept'), 'an old link says nothing of it').toBe(false)
  expect(await answered(db, microsoft, anew, 'accept')).toBe(true)
  putBack()
})
