import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { microsoft365Connections, pendingAuthorizations } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { minutes, shiftClock } from '@/lib/clock'
import { applicationCertificate } from '@/lib/testing/certificate'
import { makeCompany } from '@/lib/testing/company'
import { consent } from '@/lib/testing/consent'
import { testDb } from '@/lib/testing/database'
import { startMicrosoft } from '@/lib/testing/microsoft'
import { getAccessToken } from './access-token'
import { beginAuthorization } from './begin-authorization'
import { callbackParameters, completeAuthorization } from './complete-authorization'
import { agreeToMailbox, disconnectMailbox, getConnection } from './connection'

const parse = (parameters: Record<string, string>) => callbackParameters.parse(parameters)
const mine = 'session of this browser'

const tokenOf = async (db: Db, actor: Actor) => {
  const token = await getAccessToken(db, actor)
  return 'accessToken' in token ? token.accessToken : ''
}

test('a mailbox is connected by consent, and its tokens are kept sealed', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  const url = new URL(await beginAuthorization(db, user, { code: 'ANNA', sessionId: mine }))
  const asked = Object.fromEntries(url.searchParams)
  expect(asked).toMatchObject({ code_challenge_method: 'S256', prompt: 'select_account', login_hint: 'anna@acme.test', response_type: 'code' })
  expect(asked.scope?.split(' ').sort(), 'more scopes lose the right of users to consent').toEqual(
    ['https://outlook.office.com/SMTP.Send', 'offline_access', 'openid', 'profile'].sort(),
  )
  const parameters = parse(await microsoft.signIn(url.href, { address: 'anna@acme.test' }))
  expect(await completeAuthorization(db, user, { sessionId: mine, parameters })).toEqual({ outcome: 'connected', code: 'ANNA', cause: null })
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ address: 'anna@acme.test', state: 'active', isAgreed: true, saslUser: null })
  const [row] = await db.select().from(microsoft365Connections)
  expect(row?.microsoftTenantId).toMatch(/^[0-9a-f-]{36}$/)
  expect(row?.homeAccountId).toBe(`${row?.objectId}.${row?.microsoftTenantId}`)
  expect(await db.select().from(pendingAuthorizations), 'single use').toEqual([])
  for (const secret of microsoft.identity.tokens) expect(JSON.stringify(row)).not.toContain(secret)
})

test('an application that proves itself by certificate connects a mailbox and renews its tokens, and no other certificate does', async () => {
  await using db = await testDb()
  const [registered, another] = [await applicationCertificate(), await applicationCertificate()]
  const { user } = await makeCompany(db)
  {
    await using microsoft = await startMicrosoft({ registered })
    expect(await consent(db, microsoft, user)).toMatchObject({ outcome: 'connected' })
    const [first, renewed] = [await getAccessToken(db, user), await getAccessToken(db, user, { refused: await tokenOf(db, user) })]
    expect(renewed).toMatchObject({ accessToken: expect.any(String) })
    expect(renewed).not.toMatchObject(first)
    expect(microsoft.identity.refreshes).toBe(1)
  }
  await disconnectMailbox(db, user, { code: 'ANNA' })
  await using microsoft = await startMicrosoft({ registered, signsWith: another })
  expect(await consent(db, microsoft, user), 'the operator’s fault, and nobody’s password').toMatchObject({ outcome: 'unavailable', cause: 'AADSTS700027' })
  expect(await db.select().from(microsoft365Connections)).toEqual([])
})

test('a callback that comes twice, late, from another browser or for another company stores nothing', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user, second } = await makeCompany(db)
  const other = await makeCompany(db, 'globex')
  const begin = async () => parse(await microsoft.signIn(await beginAuthorization(db, user, { code: 'ANNA', sessionId: mine }), { address: 'anna@acme.test' }))
  const unknown = { outcome: 'unknown', code: null, cause: null }

  expect(await completeAuthorization(db, user, { sessionId: 'of the attacker’s victim', parameters: await begin() }), 'a link sent to another').toEqual(unknown)
  expect(await completeAuthorization(db, user, { sessionId: mine, parameters: { ...(await begin()), state: 'made-up' } })).toEqual(unknown)
  const late = await begin()
  const putBack = shiftClock(minutes(11))
  expect(await completeAuthorization(db, user, { sessionId: mine, parameters: late })).toEqual(unknown)
  putBack()
  expect(await completeAuthorization(db, other.user, { sessionId: mine, parameters: await begin() })).toMatchObject({ outcome: 'otherCompany' })
  await expect(completeAuthorization(db, second, { sessionId: mine, parameters: await begin() }), 'a card of another person').rejects.toMatchObject({
    code: 'notAdmin',
  })
  expect(await db.select().from(microsoft365Connections)).toEqual([])

  const parameters = await begin()
  expect(await completeAuthorization(db, user, { sessionId: mine, parameters })).toMatchObject({ outcome: 'connected' })
  const [before] = await db.select().from(microsoft365Connections)
  expect(await completeAuthorization(db, user, { sessionId: mine, parameters }), 'a second hit').toEqual(unknown)
  expect(await db.select().from(microsoft365Connections), 'nothing lost').toEqual([before])
})

test.each([
  ['cancel', { outcome: 'denied', cause: 'AADSTS65004' }],
  ['admin', { outcome: 'adminConsentNeeded', cause: 'AADSTS90094' }],
] as const)('a consent answered by %s stores no connection', async (answer, outcome) => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  const url = await beginAuthorization(db, user, { code: 'ANNA', sessionId: mine })
  const parameters = parse(await microsoft.signIn(url, { address: 'anna@acme.test', answer }))
  expect(await completeAuthorization(db, user, { sessionId: mine, parameters })).toMatchObject(outcome)
  expect(await db.select().from(microsoft365Connections)).toEqual([])
})

test.each([
  ['access_denied', 'AADSTS90093', 'adminConsentNeeded', 'who may not consent did not press Cancel'],
  ['access_denied', 'AADSTS900941', 'adminConsentNeeded', 'an administrator has to agree first'],
  ['invalid_client', 'AADSTS65001', 'adminConsentNeeded', 'who was just asked and brings no consent may not give it'],
  ['access_denied', 'AADSTS65004', 'denied', 'Cancel was pressed'],
  ['invalid_request', 'AADSTS90023', 'refused', 'nothing that an administrator could agree to'],
] as const)('a sign-in that comes back with %s, %s is %s', async (error, cause, outcome, why) => {
  await using db = await testDb()
  await using _microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  const url = new URL(await beginAuthorization(db, user, { code: 'ANNA', sessionId: mine }))
  const parameters = parse({ state: url.searchParams.get('state') ?? '', error, error_description: `${cause}: words of Microsoft` })
  expect(await completeAuthorization(db, user, { sessionId: mine, parameters }), why).toEqual({ outcome, code: 'ANNA', cause })
})

test('an admin connects a card of the company, a user only the own one, and nobody one of another company', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { admin, second } = await makeCompany(db)
  const { admin: stranger } = await makeCompany(db, 'globex')
  expect(await consent(db, microsoft, admin, { code: 'ANNA' })).toMatchObject({ outcome: 'connected', code: 'ANNA' })
  await expect(beginAuthorization(db, second, { code: 'ANNA', sessionId: mine })).rejects.toMatchObject({ code: 'notAdmin' })
  expect(await getConnection(db, stranger, { code: 'ANNA' })).toBeNull()
  await disconnectMailbox(db, stranger, { code: 'ANNA' })
  expect(await getConnection(db, admin, { code: 'ANNA' }), 'another company’s card of the same code').not.toBeNull()
  await disconnectMailbox(db, admin, { code: 'ANNA' })
  expect(await getConnection(db, admin, { code: 'ANNA' })).toBeNull()
})

test('another address than the card’s serves it only after somebody agreed', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  await consent(db, microsoft, user, { address: 'office@acme.test' })
  const seen = await getConnection(db, user, { code: 'ANNA' })
  expect(seen).toMatchObject({ address: 'office@acme.test', username: 'anna@acme.test', isAgreed: false })
  await expect(agreeToMailbox(db, user, { code: 'ANNA', version: 99 })).rejects.toMatchObject({ code: 'stale' })
  await agreeToMailbox(db, user, { code: 'ANNA', version: seen?.version ?? 0 })
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ isAgreed: true })
  await consent(db, microsoft, user, { address: 'other@acme.test' })
  expect(await getConnection(db, user, { code: 'ANNA' }), 'an agreement is about one mailbox').toMatchObject({ isAgreed: false })
})

test('without a registered application nothing is begun', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await expect(beginAuthorization(db, user, { code: 'ANNA', sessionId: mine })).rejects.toMatchObject({ code: 'microsoftNotConfigured' })
  expect(await db.select().from(pendingAuthorizations).where(eq(pendingAuthorizations.tenantId, user.tenantId))).toEqual([])
})
