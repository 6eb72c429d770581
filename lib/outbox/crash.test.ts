import Database from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { accounts, attempts, messages, recipients } from '@/db/schema'
import { minutes, shiftClock } from '@/lib/clock'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { takeInHand } from '@/lib/testing/in-hand'
import { compileKillableEngine, type KillableEngines } from '@/lib/testing/killable-engine'
import { type Act, type Point, startStepServer } from '@/lib/testing/step-server'
import { drainAccount } from './drain-account'
import { claimAccounts } from './lease'
import { recoverMessages } from './recover'

let killable: KillableEngines
beforeAll(async () => {
  killable = await compileKillableEngine()
})
afterAll(() => killable[Symbol.dispose]())

/** Half a minute later another engine takes over and finds a server that works. */
async function anotherEngine(db: Db, port: number): Promise<void> {
  const back = shiftClock(minutes(1))
  const signal = new AbortController().signal
  const relay = { host: '127.0.0.1', port, tls: 'none' as const, login: null, trust: 'platform' as const }
  for (const account of await claimAccounts(db, 'another', { limit: 10, queue: 'mail' })) {
    await drainAccount(db, { id: 'another', mode: 'live', relay, stopping: signal, aborting: signal }, account)
  }
  back()
}

const waitsAt = (point: Point) => {
  let arrived: () => void = () => undefined
  const reached = new Promise<void>(resolve => {
    arrived = resolve
  })
  let isOver = false
  const at = (now: Point): Act => {
    if (isOver || now !== point) return 'go'
    arrived()
    return 'hang'
  }
  const pass = () => {
    isOver = true
  }
  return { at, reached, pass }
}

/** While the server does not read, part of it has not left the engine. */
const moreThanTheNetworkHolds = { filename: 'plan.bin', contentType: 'application/octet-stream', content: Buffer.alloc(12_000_000, 7) }

test.each<[string, Point, 'accepted' | 'unknown']>([
  ['before it is connected', 'connect', 'accepted'],
  ['after MAIL', 'mail', 'accepted'],
  ['after RCPT', 'rcpt', 'accepted'],
  ['after DATA, before the body is asked for', 'data', 'accepted'],
  ['during DATA, with part of the body sent', 'body', 'accepted'],
  ['after the final dot, before the answer', 'dot', 'unknown'],
])('an engine killed %s leaves nothing lost and nothing twice: %s, %s', { timeout: 60_000 }, async (_when, point, state) => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, {
    to: ['a@example.test', 'b@example.test'],
    subject: 'Faktura',
    text: 'Raz.',
    kind: 'letter',
    attachments: point === 'body' ? [moreThanTheNetworkHolds] : [],
  })
  const script = waitsAt(point)
  await using server = await startStepServer(script.at)
  await using engine = killable.start(server.port)
  await script.reached
  await engine.kill()
  script.pass()
  await anotherEngine(db, server.port)
  const [message] = await db.select().from(messages).where(eq(messages.id, id))
  expect(message).toMatchObject({ state, attemptCount: 1 })
  expect((await db.select().from(recipients)).map(recipient => recipient.state)).toEqual([state, state])
  expect(server.taken).toHaveLength(state === 'accepted' ? 1 : 0)
  const phase = state === 'unknown' ? 'reply' : null // how far it came is known only from the mark before the final dot
  expect(await db.select().from(attempts).where(eq(attempts.errorCode, 'engineDied')), 'the dead attempt is on record').toMatchObject([{ phase }])
})

test('an engine killed after the answer, before it was written down, leaves the message unknown', { timeout: 60_000 }, async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['a@example.test'], subject: 'Faktura', text: 'Raz.', kind: 'letter' })
  const locked = await lockable()
  let answered: () => void = () => undefined
  const wasAnswered = new Promise<void>(resolve => {
    answered = resolve
  })
  await using server = await startStepServer(async (point): Promise<Act> => {
    if (point === 'dot') {
      await locked.lock()
      setImmediate(answered)
    }
    return 'go'
  })
  await using engine = killable.start(server.port)
  await wasAnswered
  await engine.kill()
  await locked.release()
  await anotherEngine(db, server.port)
  expect(server.taken).toHaveLength(1)
  expect((await db.select().from(messages).where(eq(messages.id, id)))[0]).toMatchObject({ state: 'unknown' })
})

/** Keeps every other process from writing the outcome. */
async function lockable(): Promise<{ lock(): Promise<void>; release(): Promise<void> }> {
  if (env.database.dialect === 'sqlite') {
    const other = new Database(env.database.file)
    return {
      lock: async () => void other.exec('begin immediate'),
      async release() {
        other.exec('rollback')
        other.close()
      },
    }
  }
  const other = new pg.Client({ connectionString: env.database.url })
  await other.connect()
  return {
    async lock() {
      await other.query('begin')
      await other.query('select id from account for update')
    },
    async release() {
      await other.query('rollback')
      await other.end()
    },
  }
}

test('a message that engines die over again and again is set aside, and the others go', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['poison@example.test'], subject: 'x', text: 'x', kind: 'document' })
  await using server = await startStepServer(() => 'go')
  for (let death = 1; death <= 3; death++) {
    await takeInHand(db, [id]) // and then its engine died
    const [account] = await claimAccounts(db, `follower-${death}`, { limit: 1, queue: 'mail' })
    if (!account) throw new Error('nothing to claim')
    await recoverMessages(db, { accountId: account.id, number: account.leaseNumber })
    await db.update(accounts).set({ leaseUntil: null })
  }
  const other = await enqueueMessage(db, user, { to: ['b@example.test'], subject: 'y', text: 'y', kind: 'document' })
  await anotherEngine(db, server.port)
  const stateOf = async (wanted: string) => (await db.select().from(messages).where(eq(messages.id, wanted)))[0]
  const poison = await stateOf(id)
  expect(poison).toMatchObject({ state: 'waiting', waitingFor: 'setAside' })
  expect(poison?.dueAt, 'it expires in the end').toEqual(poison?.expiresAt)
  expect(await stateOf(other.id)).toMatchObject({ state: 'accepted' })
  expect(server.taken.map(({ recipients: to }) => to)).toEqual([['b@example.test']])
})
