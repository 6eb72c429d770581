import { eq, inArray } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { accounts, messages, microsoft365Connections, senders } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { startTestSend } from '@/lib/test-send/test-send'
import { type Company, makeBaseUser, makeCard, makeCompany } from '@/lib/testing/company'
import { consent } from '@/lib/testing/consent'
import { testDb } from '@/lib/testing/database'
import { seenStates } from '@/lib/testing/in-hand'
import { compileKillableEngine, type KillableEngine, type KillableEngines } from '@/lib/testing/killable-engine'
import { type Microsoft, startMicrosoft } from '@/lib/testing/microsoft'
import { getAccessToken } from './access-token'

const asManyTestsAsAnEngineRunsOfACompany = 4
const patience = { timeout: 30_000, interval: 50 }

let killable: KillableEngines
beforeAll(async () => {
  killable = await compileKillableEngine()
})
afterAll(() => killable[Symbol.dispose]())

/** ANNA is the base user and sends by Microsoft 365 with a token that is worn out; everybody else follows her. */
async function followAnna(db: Db, microsoft: Microsoft): Promise<Company> {
  const company = await makeCompany(db)
  const { user, tenantId } = company
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'microsoft365', username: 'anna@acme.test', updatedAt: now() })
  await makeBaseUser(db, user)
  microsoft.identity.tokenLifetimeSeconds = 200 // less than the five minutes a token must still be good for
  expect(await consent(db, microsoft, user)).toMatchObject({ outcome: 'connected' })
  microsoft.identity.tokenLifetimeSeconds = 3600
  microsoft.identity.asked = 0
  return company
}

async function testOf(db: Db, { tenantId, slug }: Company, code: string): Promise<Actor> {
  const actor = await makeCard(db, { tenantId, slug, code, name: code, role: 'user' })
  await startTestSend(db, actor, { code, to: `${code.toLowerCase()}@acme.test` })
  return actor
}

/** How many accounts each engine is draining now. */
async function inWork(db: Db, engines: KillableEngine[]): Promise<number[]> {
  const ids = engines.map(({ id }) => id)
  const rows = await db.select({ owner: accounts.leaseOwner }).from(accounts).where(inArray(accounts.leaseOwner, ids))
  return ids.map(id => rows.filter(({ owner }) => owner === id).length)
}

const statesOf = async (db: Db) => (await db.select({ state: messages.state }).from(messages)).map(({ state }) => state)

test('two engine processes and an expired access token: Microsoft is asked once, and everything leaves', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const company = await followAnna(db, microsoft)
  const start = () => killable.start(microsoft.smtp.port, microsoft.environment)
  await using first = start()
  await first.ready
  const letGo = microsoft.identity.hold()
  await enqueueMessage(db, company.user, { to: ['klient@example.test'], subject: 'Faktura', text: 'Faktura', kind: 'document' })
  for (let card = 0; card < asManyTestsAsAnEngineRunsOfACompany; card++) await testOf(db, company, `FULL${card}`)
  await expect.poll(() => inWork(db, [first]), patience).toEqual([1 + asManyTestsAsAnEngineRunsOfACompany])
  await expect.poll(() => microsoft.identity.asked, patience).toBe(1)

  await using second = start()
  await second.ready
  await testOf(db, company, 'LAST')
  await expect.poll(() => inWork(db, [first, second]), patience).toEqual([1 + asManyTestsAsAnEngineRunsOfACompany, 1])
  await expect.poll(async () => (await seenStates(db)).filter(state => state === 'sending').length, patience).toBe(asManyTestsAsAnEngineRunsOfACompany + 1)
  letGo()
  await expect.poll(() => statesOf(db), patience).toEqual(Array(2 + asManyTestsAsAnEngineRunsOfACompany).fill('accepted'))
  expect([microsoft.identity.asked, microsoft.identity.refreshes]).toEqual([1, 1])
  expect(new Set(microsoft.smtp.logins.map(({ accessToken }) => accessToken)).size, 'one token for both').toBe(1)
  expect(await getAccessToken(db, company.user), 'and the grant lives').toHaveProperty('accessToken')
  expect((await db.select().from(microsoft365Connections).where(eq(microsoft365Connections.cardId, company.user.cardId)))[0]).toMatchObject({ state: 'active' })
}, 120_000)

test('a client secret that Microsoft refuses is an alarm in the log of the engine, without the secret, and mail waits', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await followAnna(db, microsoft)
  const secret = 'a secret that is another one by now'
  await using engine = killable.start(microsoft.smtp.port, { ...microsoft.environment, M365_CLIENT_SECRET: secret })
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'Faktura', kind: 'document' })
  await expect.poll(() => engine.log(), patience).toContain('microsoftToken')
  const alarms = engine.log().trim().split('\n')
  expect(JSON.parse(alarms[0] ?? '{}')).toMatchObject({
    level: 50,
    trouble: 'misconfigured',
    cause: 'AADSTS7000215',
    msg: expect.stringContaining('M365_CLIENT_ID'),
  })
  expect(engine.log()).not.toContain(secret)
  await expect
    .poll(async () => (await db.select().from(messages).where(eq(messages.id, id)))[0], patience)
    .toMatchObject({ state: 'waiting', waitingFor: 'microsoftMisconfigured' })
  expect((await db.select().from(accounts)).map(({ state }) => state)).toEqual(['active'])
}, 120_000)
