import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { accounts, attempts, messages, microsoft365Connections, senders } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { days, hours, minutes, now, shiftClock } from '@/lib/clock'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { getRoute } from '@/lib/sender/resolve-route'
import { makeCompany } from '@/lib/testing/company'
import { consent } from '@/lib/testing/consent'
import { testDb } from '@/lib/testing/database'
import { type Microsoft, startMicrosoft } from '@/lib/testing/microsoft'
import { turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { getAccessToken } from './access-token'
import { agreeToMailbox, getConnection } from './connection'
import { keepConnectionsWarm } from './keep-warm'

type Situation = { username?: string; address?: string; via?: 'smtp' | 'graph' }

/** ANNA sends through Microsoft 365 as `username`, connected by whoever `address` is. */
async function annaOnMicrosoft(
  db: Db,
  microsoft: Microsoft,
  { username = 'anna@acme.test', address = 'anna@acme.test', via = 'smtp' }: Situation = {},
): Promise<Actor> {
  const { user } = await makeCompany(db)
  await db.insert(senders).values({ cardId: user.cardId, tenantId: user.tenantId, choice: 'microsoft365', username, updatedAt: now() })
  expect(await consent(db, microsoft, user, { address, purpose: via === 'graph' ? 'graph' : 'connect' })).toMatchObject({ outcome: 'connected' })
  return user
}

const queue = (db: Db, actor: Actor, subject: string) => enqueueMessage(db, actor, { to: ['klient@example.test'], subject, text: subject, kind: 'document' })

const stateOf = async (db: Db, id: string) => (await db.select().from(messages).where(eq(messages.id, id)))[0]

/** The token kept is worn out: the next use needs another. */
const wearOut = async (db: Db, microsoft: Microsoft, user: Actor) => {
  microsoft.identity.tokenLifetimeSeconds = 200 // less than the five minutes a token must still be good for
  await getAccessToken(db, user, { refused: tokenOf(await getAccessToken(db, user)) })
  microsoft.identity.tokenLifetimeSeconds = 3600
  microsoft.identity.refreshes = 0
}
const tokenOf = (token: Awaited<ReturnType<typeof getAccessToken>>) => ('accessToken' in token ? token.accessToken : '')

test('a document leaves by XOAUTH2 through the connected mailbox, and what worked is kept', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const user = await annaOnMicrosoft(db, microsoft)
  const { id } = await queue(db, user, 'Faktura 1')
  await turn(db)
  expect(await stateOf(db, id)).toMatchObject({ state: 'accepted', envelopeSender: 'anna@acme.test' })
  expect(microsoft.smtp.received).toMatchObject([{ username: 'anna@acme.test', envelopeSender: 'anna@acme.test', isSecure: true }])
  expect(microsoft.smtp.logins).toMatchObject([{ method: 'XOAUTH2' }])
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ saslUser: 'anna@acme.test' })
  for (const table of [attempts, messages, accounts, microsoft365Connections]) {
    const kept = JSON.stringify(await db.select().from(table))
    for (const secret of microsoft.identity.tokens) expect(kept).not.toContain(secret)
  }
})

test('a shared mailbox is signed in to as the person first, then as itself', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const user = await annaOnMicrosoft(db, microsoft, { username: 'biuro@acme.test', address: 'anna@acme.test' })
  const { id } = await queue(db, user, 'Faktura 1')
  await turn(db)
  expect(await stateOf(db, id), 'nobody agreed to send as the other address').toMatchObject({ state: 'waiting', waitingFor: 'accountPaused' })
  await agreeToMailbox(db, user, { code: 'ANNA', version: (await getConnection(db, user, { code: 'ANNA' }))?.version ?? 0 })
  microsoft.smtp.behave({
    checkToken: (_token, username) => (username === 'biuro@acme.test' ? null : { code: 535, text: '5.7.3 Authentication unsuccessful' }),
  })
  await turn(db)
  expect(await stateOf(db, id)).toMatchObject({ state: 'accepted', envelopeSender: 'biuro@acme.test' })
  expect(
    microsoft.smtp.logins.map(({ username }) => username),
    'the token is renewed once before the other name is tried',
  ).toEqual(['anna@acme.test', 'anna@acme.test', 'biuro@acme.test'])
  await queue(db, user, 'Faktura 2')
  await turn(db)
  expect(microsoft.smtp.logins.at(-1)?.username).toBe('biuro@acme.test')
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ saslUser: 'biuro@acme.test' })
})

test.each([
  ['invalid_grant', 'AADSTS50173: The provided grant has expired due to it being revoked', undefined],
  ['interaction_required', 'AADSTS50076: Due to a configuration change you must use multi-factor authentication', 'basic_action'],
  ['invalid_grant', 'AADSTS65001: The user or administrator has not consented to use the application', 'consent_required'],
] as const)('%s pauses the account with its cause, burns no attempt, and consenting again sends what waited', async (error, description, suberror) => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  await using relay = await startSmarthost()
  const user = await annaOnMicrosoft(db, microsoft)
  await wearOut(db, microsoft, user)
  microsoft.identity.refuse('anna@acme.test', { error, description, suberror })
  const queued = [await queue(db, user, 'Faktura 1'), await queue(db, user, 'Faktura 2')]
  for (let turns = 0; turns < 4; turns++) await turn(db, relay)
  for (const { id } of queued) expect(await stateOf(db, id)).toMatchObject({ state: 'waiting', waitingFor: 'accountPaused', attemptCount: 0 })
  const code = /AADSTS\d+/.exec(description)?.[0]
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ state: 'reconnectNeeded', cause: code })
  expect(await getRoute(db, user, { code: 'ANNA' })).toMatchObject({ problem: { reason: 'reconnectNeeded', code: 'ANNA' } })
  const told = relay.received.map(({ envelopeRecipients }) => envelopeRecipients[0]).sort()
  expect(told, 'the owner and the admin, once each, over the platform’s relay').toEqual(['anna@acme.test', 'jan@acme.test'])
  expect(relay.received[0]?.mail.text).toContain(code)

  await consent(db, microsoft, user)
  await turn(db)
  expect(microsoft.smtp.received.map(({ mail }) => mail.subject).sort()).toEqual(['Faktura 1', 'Faktura 2'])
})

test.each([
  ['an outage', { status: 503 }, 'microsoftUnavailable'],
  [
    'throttling',
    { status: 429, error: { error: 'temporarily_unavailable', description: 'AADSTS90055: The server is terminating the session due to too many requests' } },
    'microsoftUnavailable',
  ],
  [
    'an expired client secret',
    { status: 401, error: { error: 'invalid_client', description: 'AADSTS7000222: The provided client secret keys are expired.' } },
    'microsoftMisconfigured',
  ],
] as const)('%s at the token endpoint is nobody’s password: mail waits and goes on by itself', async (_, answer, waitingFor) => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const user = await annaOnMicrosoft(db, microsoft)
  await wearOut(db, microsoft, user)
  microsoft.identity.answerAll(answer)
  const { id } = await queue(db, user, 'Faktura 1')
  await turn(db)
  expect(await stateOf(db, id)).toMatchObject({ state: 'waiting', waitingFor, attemptCount: 0 })
  expect((await db.select().from(accounts)).map(({ state }) => state)).toEqual(['active'])
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ state: 'active' })
  microsoft.identity.answerAll(null)
  expect(await turn(db), 'not at once again').toBe(0)
  const putBack = shiftClock(minutes(2))
  await turn(db)
  putBack()
  expect(await stateOf(db, id)).toMatchObject({ state: 'accepted' })
})

test('a sign-in of Microsoft that cannot be reached is no lost consent: mail waits, and nobody is told', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  await using relay = await startSmarthost()
  const user = await annaOnMicrosoft(db, microsoft)
  await wearOut(db, microsoft, user)
  const here = env.microsoft365?.authority ?? ''
  Object.assign(env.microsoft365 ?? {}, { authority: 'https://localhost:9' })
  const { id } = await queue(db, user, 'Faktura 1')
  await turn(db, relay)
  expect(await stateOf(db, id)).toMatchObject({ state: 'waiting', waitingFor: 'microsoftUnavailable', attemptCount: 0 })
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ state: 'active' })
  Object.assign(env.microsoft365 ?? {}, { authority: here })
  const putBack = shiftClock(minutes(2))
  await turn(db, relay)
  putBack()
  expect(await stateOf(db, id)).toMatchObject({ state: 'accepted' })
  expect(relay.received).toEqual([])
})

test('two processes with a worn-out token ask Microsoft once, and both get the same one', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const user = await annaOnMicrosoft(db, microsoft)
  await wearOut(db, microsoft, user)
  const got = await Promise.all([getAccessToken(db, user), getAccessToken(db, user), getAccessToken(db, user)])
  expect(microsoft.identity.refreshes).toBe(1)
  expect(new Set(got.map(tokenOf)).size).toBe(1)
  expect(tokenOf(got[0] ?? { trouble: 'unavailable', cause: '', text: '' })).not.toBe('')
})

test('a refresh that ends after the person has consented again overwrites nothing', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const user = await annaOnMicrosoft(db, microsoft)
  await wearOut(db, microsoft, user)
  const [slow] = await Promise.all([getAccessToken(db, user), consent(db, microsoft, user)])
  expect(tokenOf(slow)).not.toBe('')
  const [kept] = await db.select().from(microsoft365Connections)
  expect(kept).toMatchObject({ state: 'active', refreshOwner: null })
  expect(await getAccessToken(db, user, { refused: tokenOf(await getAccessToken(db, user)) }), 'the newest grant still works').toHaveProperty('accessToken')
})

test('a token that the server does not take is renewed once, and the mail goes out', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const user = await annaOnMicrosoft(db, microsoft)
  microsoft.identity.forgetAccessTokens()
  const { id } = await queue(db, user, 'Faktura 1')
  await turn(db)
  expect(await stateOf(db, id)).toMatchObject({ state: 'accepted', attemptCount: 1 })
  expect(microsoft.identity.refreshes).toBe(1)
  expect(new Set(microsoft.smtp.logins.map(({ accessToken }) => accessToken)).size).toBe(2)
})

test.each(['smtp', 'graph'] as const)('a refused token whose consent has ended meanwhile (%s) wants a new consent, and is no refused login', async via => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  await using relay = await startSmarthost()
  const user = await annaOnMicrosoft(db, microsoft, { via })
  microsoft.identity.forgetAccessTokens()
  microsoft.identity.refuse('anna@acme.test', { error: 'invalid_grant', description: 'AADSTS50173: The provided grant has expired due to it being revoked' })
  const { id } = await queue(db, user, 'Faktura 1')
  for (let turns = 0; turns < 3; turns++) await turn(db, relay)
  expect(await stateOf(db, id)).toMatchObject({ state: 'waiting', waitingFor: 'accountPaused', attemptCount: 0 })
  const [account] = await db.select().from(accounts).where(eq(accounts.kind, 'microsoft365'))
  expect(account).toMatchObject({ state: 'paused', pauseReason: 'consentNeeded', pausedText: expect.stringContaining('AADSTS50173') })
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ state: 'reconnectNeeded', cause: 'AADSTS50173' })
  expect(
    relay.received.map(({ mail }) => mail.text?.includes('AADSTS50173')),
    'told once each, with the cause',
  ).toEqual([true, true])

  await consent(db, microsoft, user, { purpose: via === 'graph' ? 'graph' : 'connect' })
  await turn(db)
  expect(await stateOf(db, id)).toMatchObject({ state: 'accepted', attemptCount: 1 })
})

test.each([
  ['smtp', { status: 503 }],
  ['graph', { status: 503 }],
  ['smtp', { status: 401, error: { error: 'invalid_client', description: 'AADSTS7000222: The provided client secret keys are expired.' } }],
] as const)('a refused token (%s) while Microsoft gives nobody another, %j, pauses nothing: the mail waits and goes on by itself', async (via, answer) => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const user = await annaOnMicrosoft(db, microsoft, { via })
  microsoft.identity.forgetAccessTokens()
  microsoft.identity.answerAll(answer)
  const { id } = await queue(db, user, 'Faktura 1')
  await turn(db)
  expect(await stateOf(db, id)).toMatchObject({ state: 'waiting', waitingFor: 'serverUnavailable' })
  expect((await db.select().from(accounts)).map(({ state }) => state)).toEqual(['active'])
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ state: 'active' })
  microsoft.identity.answerAll(null)
  const putBack = shiftClock(hours(1))
  await turn(db)
  putBack()
  expect(await stateOf(db, id)).toMatchObject({ state: 'accepted' })
})

test('a connection idle for weeks is renewed long before Microsoft would end it', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const user = await annaOnMicrosoft(db, microsoft)
  expect(await keepConnectionsWarm(db)).toBe(0)
  const putBack = shiftClock(days(21))
  expect(await keepConnectionsWarm(db)).toBe(1)
  expect(await keepConnectionsWarm(db), 'once').toBe(0)
  putBack()
  expect(microsoft.identity.refreshes).toBe(1)
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ state: 'active' })
})
