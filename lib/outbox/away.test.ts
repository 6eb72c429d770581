import { expect, test, vi } from 'vitest'
import { closeDb, type Db, openDb } from '@/db/client'
import { attempts, installations, messages } from '@/db/schema'
import { minutes, shiftClock } from '@/lib/clock'
import { env } from '@/lib/env'
import { log } from '@/lib/log'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { openTransaction, untilSomebodyWaits } from '@/lib/testing/open-transaction'
import { startSilentProxy } from '@/lib/testing/silent-proxy'
import { startHoldingServer } from '@/lib/testing/step-server'
import { takeAway } from '@/lib/testing/take-away'
import { Hand } from './hand'
import { Journal } from './journal'
import { claimAccounts } from './lease'
import { outcomeOf } from './outcome'
import { uncomposed } from './result'
import { runEngine } from './run-engine'
import { type Attempt, takeDue } from './take-due'

const document = { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' as const }

/** Engines that run until the end of the block. */
function engines(db: Db, port: number, count: number): AsyncDisposable {
  const stop = new AbortController()
  const relay = { host: '127.0.0.1', port, tls: 'none' as const, login: null, trust: 'platform' as const }
  const running = Array.from({ length: count }, (_, i) => runEngine(db, { signal: stop.signal, engineId: `engine ${i}`, mode: 'live', relay, pollMs: 50 }))
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all(running)
    },
  }
}

const fates = async (db: Db) => ({
  messages: await db.select({ state: messages.state, attemptCount: messages.attemptCount }).from(messages),
  attempts: await db.select({ outcome: attempts.outcome }).from(attempts),
})

test('what a server answered while the database was away for longer than a lease is written down by the engine that knows it', {
  timeout: 60_000,
}, async () => {
  await using db = await testDb()
  await using server = await startHoldingServer()
  await db.update(installations).set({ mode: 'live' })
  const { user } = await makeCompany(db)
  const said = vi.spyOn(log, 'error')
  await using _two = engines(db, server.port, 2)
  server.hold()
  await enqueueMessage(db, user, document)
  await vi.waitFor(() => expect(server.unanswered()).toBe(1), { timeout: 20_000 })
  const { isBack } = await takeAway(db, process.pid)
  server.answer()
  await vi.waitFor(() => expect(server.taken).toHaveLength(1), { timeout: 20_000 })
  const putBack = shiftClock(minutes(1))
  const noticed = () => new Set(said.mock.calls.map(([line]) => (line as { engineId?: string }).engineId).filter(Boolean))
  const count = isPostgres ? 2 : 1 // a full disk can be read: it is met by the engine that wants the account
  await vi.waitFor(() => expect(noticed().size).toBe(count), { timeout: 20_000 })
  await isBack()
  await vi.waitFor(async () => expect(await fates(db)).toEqual({ messages: [{ state: 'accepted', attemptCount: 1 }], attempts: [{ outcome: 'accepted' }] }), {
    timeout: 20_000,
  })
  putBack()
  expect(server.taken).toHaveLength(1)
})

test.runIf(isPostgres)(
  'an engine whose PostgreSQL says nothing any more gives the connection up, and goes on over a new one',
  { timeout: 60_000 },
  async () => {
    await using db = await testDb()
    await using server = await startHoldingServer()
    const { user } = await makeCompany(db)
    const { url } = env.database as { url: string }
    await using proxy = await startSilentProxy(url)
    Object.assign(env.database, { url: `${proxy.url}?answer_timeout=500` })
    const far = openDb()
    {
      await using _one = engines(far, server.port, 1)
      server.hold()
      await enqueueMessage(db, user, document)
      await vi.waitFor(() => expect(server.unanswered()).toBe(1), { timeout: 20_000 })
      proxy.hush()
      server.answer()
      await vi.waitFor(() => expect(server.taken).toHaveLength(1), { timeout: 20_000 })
      proxy.speak()
      await vi.waitFor(
        async () => expect(await fates(db)).toEqual({ messages: [{ state: 'accepted', attemptCount: 1 }], attempts: [{ outcome: 'accepted' }] }),
        {
          timeout: 20_000,
        },
      )
    }
    await closeDb(far)
  },
)

test.runIf(isPostgres)(
  'an engine that is stopped and lost the answer to what it wrote of several messages finds it written, once',
  { timeout: 60_000 },
  async () => {
    await using db = await testDb()
    const { user } = await makeCompany(db)
    await enqueueMessage(db, user, document)
    await enqueueMessage(db, user, document)
    const { url } = env.database as { url: string }
    await using proxy = await startSilentProxy(url)
    await using person = await openTransaction()
    Object.assign(env.database, { url: `${proxy.url}?answer_timeout=2000` })
    const far = openDb()
    const [account] = await claimAccounts(far, 'one', { limit: 1, queue: 'mail' })
    if (!account) throw new Error('nothing is due')
    const hand = new Hand({ accountId: account.id, number: account.leaseNumber })
    const taken = await takeDue(far, hand, { limit: 2, aborting: AbortSignal.abort() })
    const journal = new Journal(far, hand, user.tenantId, AbortSignal.abort())
    await person.client.query('select id from message for update')
    const refused = (attempt: Attempt) => outcomeOf(attempt, { ...uncomposed(attempt), outcome: 'refused', recipients: [] })
    const ends = Promise.all(taken.map(attempt => journal.end(attempt, refused(attempt))))
    await untilSomebodyWaits(person.client) // the write has come to the database
    proxy.hush()
    await person.client.query('commit')
    await vi.waitFor(async () => expect(await db.$count(attempts)).toBe(2), { timeout: 10_000 })
    proxy.speak()
    await ends
    expect(await fates(db)).toMatchObject({ attempts: [{ outcome: 'refused' }, { outcome: 'refused' }] })
    expect(hand.ids()).toEqual([])
    await closeDb(far)
  },
)
