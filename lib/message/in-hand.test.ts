import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { accounts, attempts, inHand, messages, tenants } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { after, minutes, now } from '@/lib/clock'
import { Hand } from '@/lib/outbox/hand'
import { keepHouse } from '@/lib/outbox/housekeeping'
import { claimAccounts } from '@/lib/outbox/lease'
import { takeDue } from '@/lib/outbox/take-due'
import { releaseMail } from '@/lib/tenant/mail-switch'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { takeInHand } from '@/lib/testing/in-hand'
import { openTransaction, untilSomebodyWaits } from '@/lib/testing/open-transaction'
import { sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { type Act, startStepServer } from '@/lib/testing/step-server'
import { enqueueMessage } from './enqueue-message'
import { cancelMessages, getMessage, leaveMessages, listMessages, retryMessages } from './message'
import { sendWaitingByNewRoute } from './reroute'

const document = { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' as const }
const put = (db: Db, id: string, set: Partial<typeof messages.$inferInsert>) => db.update(messages).set(set).where(eq(messages.id, id))

test('what an engine has in hand is seen as being sent, by people and programs, and by nobody as waiting', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const [goes, stays] = [await enqueueMessage(db, user, document), await enqueueMessage(db, user, document)]
  await enqueueMessage(db, other.user, document)
  await takeInHand(db, [goes.id])
  for (const actor of [admin, user]) {
    const page = await listMessages(db, actor, { limit: 50 })
    expect(page.rows.map(({ id, state }) => [id, state])).toEqual([
      [stays.id, 'queued'],
      [goes.id, 'sending'],
    ])
    expect(page.counts).toMatchObject({ all: 2, queued: 1, sending: 1 })
    for (const [state, id] of [
      ['sending', goes.id],
      ['queued', stays.id],
    ] as const) {
      const { rows, counts } = await listMessages(db, actor, { state, limit: 50 })
      expect(rows.map(row => row.id)).toEqual([id])
      expect(counts).toMatchObject({ all: 2, queued: 1, sending: 1 })
    }
    expect(await listMessages(db, actor, { search: 'faktura', state: 'sending', limit: 50 })).toMatchObject({ counts: { queued: 1, sending: 1 } })
  }
  expect(await getMessage(db, user, { id: goes.id })).toMatchObject({ message: { state: 'sending', dueAt: null }, mayCancel: false, mayRetry: false })
  expect((await listMessages(db, other.admin, { limit: 50 })).counts).toMatchObject({ queued: 1, sending: 0 })

  await using api = await startApi(db, admin)
  expect((await api.ask(`/messages/${goes.id}`)).body).toMatchObject({ status: 'sending', next_attempt_at: null })
  expect((await api.ask('/messages?status=sending')).body).toMatchObject({ messages: [{ id: goes.id, status: 'sending' }] })
  expect((await api.ask('/messages?status=queued')).body).toMatchObject({ messages: [{ id: stays.id, status: 'queued' }] })
  expect((await api.ask(`/messages/${goes.id}/cancel`, { method: 'POST' })).status).toBe(409)
})

/** What people and the housekeeping do to a message that waits, by the state it is stored in; each gives how many it changed, where it says so. */
const changes = [
  ['cancels it', 'queued', (db: Db, user: Actor, id: string) => cancelMessages(db, user, { ids: [id] })],
  ['sends it now', 'waiting', (db: Db, user: Actor, id: string) => retryMessages(db, user, { ids: [id] })],
  ['leaves it at unknown', 'unknown', (db: Db, user: Actor, id: string) => leaveMessages(db, user, { ids: [id] })],
  ['sends it by another route', 'queued', (db: Db, user: Actor) => sendWaitingByNewRoute(db, user, { code: user.code })],
  ['ends it at its expiry', 'queued', (db: Db) => keepHouse(db).then(() => 0)],
  ['lets it go after a hold', 'queued', (db: Db, user: Actor) => releaseMail(db, { ...user, role: 'admin' }).then(() => 0)],
  [
    'gives it time while it is held',
    'queued',
    async (db: Db) => {
      await db.update(tenants).set({ heldAt: now() })
      return keepHouse(db).then(() => 0)
    },
  ],
] as const

async function waitingMessage(db: Db, state: 'queued' | 'waiting' | 'unknown'): Promise<{ user: Actor; id: string }> {
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, document)
  await put(db, id, { state, expiresAt: after(now(), -minutes(1)) })
  await sendThrough(db, user, { port: 1025 })
  return { user, id }
}

test.each(changes)('what is in hand is nobody’s to change: who %s changes nothing', async (_, state, change) => {
  await using db = await testDb()
  const { user, id } = await waitingMessage(db, state)
  await takeInHand(db, [id])
  const before = await db.select().from(messages)
  expect(await change(db, user, id)).toBe(0)
  expect(await db.select().from(messages)).toEqual(before)
  await db.delete(inHand)
  await change(db, user, id)
  expect(await db.select().from(messages), 'and then it does').not.toEqual(before)
})

test('of an unknown message that is just tried again, who was put off before still gets it: to leave it changes nobody', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, document)
  await put(db, id, { state: 'unknown' })
  await takeInHand(db, [id])
  expect(await leaveMessages(db, user, { ids: [id] })).toBe(0)
  expect((await getMessage(db, user, { id })).recipients).toMatchObject([{ state: 'queued' }])
})

test.runIf(isPostgres).each(changes)('of a message that an engine just takes up: who %s waits for the engine and changes nothing', async (_, state, change) => {
  await using db = await testDb()
  const { user, id } = await waitingMessage(db, state)
  const before = await db.select().from(messages)
  await using engine = await openTransaction()
  await engine.client.query('update account set lease_until = now()')
  await engine.client.query(`insert into in_hand select 'row', tenant_id, account_id, 1, id from message`)
  const changing = change(db, user, id)
  await untilSomebodyWaits(engine.client)
  await engine.client.query('commit')
  expect(await changing).toBe(0)
  expect(await db.select().from(messages)).toEqual(before)
})

test.runIf(isPostgres).each([
  ['leaves at unknown', 'unknown', `update message set due_at = null, ended_at = now()`],
  ['cancels', 'queued', `update message set state = 'cancelled', due_at = null, ended_at = now()`],
] as const)('an engine does not take up what somebody %s after it was seen to be due', async (_, state, change) => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await put(db, (await enqueueMessage(db, user, document)).id, { state })
  const [account] = await claimAccounts(db, 'one', { limit: 1, queue: 'mail' })
  if (!account) throw new Error('nothing is due')
  await using person = await openTransaction()
  await person.client.query('select 1 from account for update')
  const hand = new Hand({ accountId: account.id, number: account.leaseNumber })
  const taking = takeDue(db, hand, { limit: 5, aborting: new AbortController().signal })
  await untilSomebodyWaits(person.client)
  await person.client.query(change)
  await person.client.query('commit')
  expect(await taking).toEqual([])
  expect(await db.select().from(inHand)).toEqual([])
})

test('a refused message is its sender’s to send again while others that were taken up with it still go', async () => {
  await using db = await testDb()
  let letGo = () => {}
  const isLetGo = new Promise<void>(resolve => {
    letGo = resolve
  })
  await using server = await startStepServer(async (point, [to]): Promise<Act> => {
    if (point !== 'dot') return 'go'
    if (to === 'refused@example.test') return '550 5.1.1 no such user'
    await isLetGo
    return 'go'
  })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, { port: server.port, tls: 'none' })
  const refused = await enqueueMessage(db, user, { ...document, to: ['refused@example.test'] })
  const goes = await enqueueMessage(db, user, document)
  await db.update(accounts).set({ lastAcceptedAt: now() }) // its server needs no proof: both leave at once
  const running = turn(db)
  await expect.poll(async () => (await getMessage(db, user, { id: refused.id })).message.state).toBe('refused')
  expect((await getMessage(db, user, { id: goes.id })).message.state).toBe('sending')
  expect(await retryMessages(db, user, { ids: [refused.id, goes.id] })).toBe(1)
  letGo()
  await running
  expect((await getMessage(db, user, { id: goes.id })).message.state).toBe('accepted')
  expect(await db.select().from(inHand)).toEqual([])
})

test('what was taken up when its server fails is put back, but for what has begun', async () => {
  await using db = await testDb()
  let taken = 0
  await using smarthost = await startSmarthost({ rcptReply: () => (++taken > 3 ? { code: 421, text: 'going down' } : null) })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  for (let i = 0; i < 12; i++) await enqueueMessage(db, user, document)
  await db.update(accounts).set({ lastAcceptedAt: now() })
  await turn(db)
  expect(smarthost.received).toHaveLength(3)
  expect(await db.select().from(inHand)).toEqual([])
  expect(await db.select().from(attempts).where(eq(attempts.errorCode, 'engineDied'))).toEqual([])
})

test('when all of it has left, nothing is in hand', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  for (let i = 0; i < 3; i++) await enqueueMessage(db, user, document)
  await turn(db)
  expect(smarthost.received).toHaveLength(3)
  expect(await db.select().from(inHand)).toEqual([])
})
