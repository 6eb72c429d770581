import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { apiKeys, cards } from '@/db/schema'
import { days, shiftClock } from '@/lib/clock'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { createApiKey, findApiKey, findApiKeyActor, judgeApiKey, listApiKeys, revokeApiKey } from './api-key'
import { apiKeyForm } from './api-key.form'

const form = (input: Record<string, unknown>) => apiKeyForm.parse({ name: 'ERP', scope: 'send', cards: 'named', codes: ['ANNA'], ...input })
const address = '203.0.113.7'

test('a key is shown once, and serves the cards it names as plain users', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  const { key } = await createApiKey(db, admin, form({}))
  expect(JSON.stringify(await db.select().from(apiKeys)), 'the key itself is nowhere').not.toContain(key)
  const signIn = (code: string, slug = 'acme') => findApiKeyActor(db, { key, address, code, slug })
  expect((await signIn('anna')).actor).toEqual(user)
  await expect(signIn('JAN'), 'a card it does not name').rejects.toMatchObject({ code: 'keyNotForCard' })
  await expect(signIn('NOBODY'), 'which cards exist is not its business').rejects.toMatchObject({ code: 'keyNotForCard' })
  expect(await listApiKeys(db, admin)).toMatchObject([{ name: 'ERP', codes: ['ANNA'], prefix: key.slice(0, 9), lastUsedAt: expect.any(Date) }])
})

test('of several codes and addresses, those are named that are none; they are typed with commas or semicolons', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await expect(createApiKey(db, admin, form({ codes: 'anna; ola, Jan;ewa' }))).rejects.toMatchObject({
    code: 'cardsNotFound',
    field: 'codes',
    values: { codes: 'OLA, EWA', count: 2 },
  })
  expect(form({ addresses: '203.0.113.7; 203.0.113.9' }).addresses).toHaveLength(2)
  const { error } = apiKeyForm.safeParse({ name: 'ERP', scope: 'send', cards: 'all', addresses: '203.0.113.7, 203.0.113.999' })
  expect(error?.issues).toMatchObject([{ message: 'addressRangeInvalid', params: { text: '203.0.113.999' } }])
})

test('of a key for a card that is none, until a day that is over, both are told', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  const both = { code: 'cardsNotFound', field: 'codes', others: [{ code: 'dayOver', field: 'expires' }] }
  const wrong = form({ codes: ['OLA'], expires: '2020-01-01' })
  await expect(createApiKey(db, admin, wrong)).rejects.toMatchObject(both)
  await expect(judgeApiKey(db, admin, { cards: 'named', codes: ['OLA'], expires: wrong.expires }), 'while its name is missing').rejects.toMatchObject(both)
  await expect(judgeApiKey(db, user, {})).rejects.toMatchObject({ code: 'notAdmin' })
  expect(await listApiKeys(db, admin)).toEqual([])
})

test('a key of all cards acts as any active one, with a user’s rights', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  const { key } = await createApiKey(db, admin, form({ cards: 'all', codes: [] }))
  const signIn = (code: string) => findApiKeyActor(db, { key, address, code, slug: 'acme' })
  expect((await signIn('JAN')).actor, 'not as the admin that JAN is').toEqual({ ...admin, role: 'user' })
  await expect(signIn('NOBODY')).rejects.toMatchObject({ code: 'cardNotFound' })
  await db.update(cards).set({ isActive: false }).where(eq(cards.id, user.cardId))
  await expect(signIn('ANNA')).rejects.toMatchObject({ code: 'cardInactive' })
})

test('a key that is wrong, revoked, over, read-only or another company’s opens nothing', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const { id, key } = await createApiKey(db, admin, form({ expires: new Date(Date.now() + days(2)).toISOString().slice(0, 10) }))
  const reading = await createApiKey(db, admin, form({ scope: 'read' }))
  const signIn = (given: string, slug = 'acme') => findApiKeyActor(db, { key: given, address, code: 'ANNA', slug })
  await expect(signIn(`${key}x`)).rejects.toMatchObject({ code: 'keyInvalid' })
  await expect(signIn(''), 'an empty password').rejects.toMatchObject({ code: 'keyInvalid' })
  await expect(signIn(key, 'beta')).rejects.toMatchObject({ code: 'keyInvalid' })
  await expect(signIn(reading.key)).rejects.toMatchObject({ code: 'keyReadOnly' })
  await expect(revokeApiKey(db, user, { id })).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(revokeApiKey(db, other.admin, { id })).rejects.toMatchObject({ code: 'keyNotFound' })
  const back = shiftClock(days(4))
  await expect(signIn(key), 'its day is over').rejects.toMatchObject({ code: 'keyInvalid' })
  back()
  expect((await signIn(key)).actor.code).toBe('ANNA')
  await revokeApiKey(db, admin, { id })
  await expect(signIn(key)).rejects.toMatchObject({ code: 'keyInvalid' })
  expect(await listApiKeys(db, other.admin)).toEqual([])
})

test.each([
  ['203.0.113.7', true],
  ['::ffff:203.0.113.7', true],
  ['2001:db8::9', true],
  ['203.0.114.7', false],
  ['2001:db9::1', false],
  ['nonsense', false],
])('a key bound to networks, used from %s: %s', async (from, isLetIn) => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  const { key } = await createApiKey(db, admin, form({ addresses: '203.0.113.0/24, 2001:db8::/32' }))
  const found = findApiKey(db, { key, address: from })
  await (isLetIn ? expect(found).resolves.toMatchObject({ scope: 'send' }) : expect(found).rejects.toMatchObject({ code: 'keyAddressNotAllowed' }))
})

test.each([
  [{ codes: [] }, 'codes', 'keyNeedsCards'],
  [{ cards: undefined }, 'cards', 'choiceNeeded'],
  [{ addresses: '203.0.113.0/33' }, 'addresses', 'addressRangeInvalid'],
  [{ expires: '2026-02-30' }, 'expires', 'dayInvalid'],
  [{ name: ' ' }, 'name', 'nameNeeded'],
])('a key is not made of %j', (wrong, field, code) => {
  const parsed = apiKeyForm.safeParse({ name: 'ERP', scope: 'send', cards: 'named', codes: ['ANNA'], ...wrong })
  expect(parsed.error?.issues.map(({ path, message }) => [path[0], message])).toContainEqual([field, code])
})

test.each([
  [200, undefined],
  [201, 'nameTooLong'],
])('a name of %i characters is judged as the sentence about it says: %s', (length, code) => {
  const parsed = apiKeyForm.safeParse({ name: 'x'.repeat(length), scope: 'send', cards: 'named', codes: ['ANNA'] })
  expect(parsed.error?.issues[0]?.message).toBe(code)
})
