import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { getEnvironmentData } from 'node:worker_threads'
import { and, eq, isNotNull } from 'drizzle-orm'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { closeDb, openDb, poolOf } from '@/db/client'
import { accounts, messages } from '@/db/schema'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { anotherProcess } from '@/lib/testing/another-process'
import { changed } from '@/lib/testing/changed'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { startSilentProxy } from '@/lib/testing/silent-proxy'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { runEngine } from './run-engine'
import { listenForWork, type Woken, wakeEngines } from './wake-ups'

test('an engine that would not look for minutes is woken by what another process queues', { timeout: 60_000 }, async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  await using program = await anotherProcess(user.cardId, 'klient@example.test')
  const stop = new AbortController()
  const relay = { host: smarthost.host, port: smarthost.port, tls: 'starttls' as const, login: null, trust: 'platform' as const }
  const running = runEngine(db, { signal: stop.signal, engineId: 'one', mode: 'live', relay, pollMs: 600_000 })
  await program.queue()
  await vi.waitFor(() => expect(smarthost.received).toHaveLength(1), { timeout: 10_000 })
  stop.abort()
  await running
})

test('what is queued while an engine looks for work is found by its next look', { timeout: 60_000 }, async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  const stop = new AbortController()
  const relay = { host: smarthost.host, port: smarthost.port, tls: 'starttls' as const, login: null, trust: 'platform' as const }
  const running = runEngine(db, { signal: stop.signal, engineId: 'one', mode: 'live', relay, pollMs: 600_000 })
  const leased = () => db.$count(accounts, isNotNull(accounts.leaseOwner))
  for (let count = 1; count <= 5; count++) {
    await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
    await vi.waitFor(() => expect(smarthost.received).toHaveLength(count), { timeout: 10_000 })
    await vi.waitFor(async () => expect(await leased()).toBe(0), { timeout: 10_000, interval: 1 }) // given back, which makes the engine look
  }
  stop.abort()
  await running
})

test('what is queued in this process is heard at once, and no more when nobody listens', async () => {
  await using db = await testDb()
  let heard = 0
  const work = await listenForWork(db, () => heard++)
  wakeEngines()
  expect(heard).toBe(1)
  await work.close()
  wakeEngines()
  expect(heard).toBe(1)
})

test('an account whose mail has left is given back though mail of another company keeps coming', { timeout: 60_000 }, async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const [one, other] = [await makeCompany(db), await makeCompany(db, 'other')]
  const stop = new AbortController()
  const relay = { host: smarthost.host, port: smarthost.port, tls: 'starttls' as const, login: null, trust: 'platform' as const }
  const running = runEngine(db, { signal: stop.signal, engineId: 'one', mode: 'live', relay })
  const queue = ({ user }: typeof one) => enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  await queue(one)
  await vi.waitFor(() => expect(smarthost.received).toHaveLength(1), { timeout: 10_000 })
  const leased = () => db.$count(accounts, and(eq(accounts.tenantId, one.tenantId), isNotNull(accounts.leaseOwner)))
  for (let count = 0; count < 300 && (await leased()) > 0; count++) await queue(other)
  expect(await leased()).toBe(0)
  stop.abort()
  await running
})

test('engines of this process hear once whose mail came', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const heard: Woken[] = []
  const work = await listenForWork(db, woken => heard.push(woken))
  await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  const [{ accountId } = { accountId: '' }] = await db.select({ accountId: messages.accountId }).from(messages)
  expect(heard.filter(woken => woken !== null)).toEqual([[accountId]])
  await work.close()
})

test.runIf(isPostgres)('engines hear from another process whose mail came, and from their own only once', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await using program = await anotherProcess(user.cardId, 'klient@example.test')
  const heard: Woken[] = []
  const work = await listenForWork(db, woken => heard.push(woken))
  await program.queue()
  const [{ accountId } = { accountId: '' }] = await db.select({ accountId: messages.accountId }).from(messages)
  await vi.waitFor(() => expect(heard).toEqual([[accountId]]))
  const tell = (payload: string) => poolOf(db).query('select pg_notify($1, $2)', ['posthorn_due', payload])
  await tell(`${getEnvironmentData('posthorn_due')} mine`)
  await tell('another one two')
  await vi.waitFor(() => expect(heard).toEqual([[accountId], ['one', 'two']]))
  await work.close()
})

test.runIf(isPostgres)('an engine whose connection to PostgreSQL was cut listens again', async () => {
  await using db = await testDb()
  let heard = 0
  const work = await listenForWork(db, () => heard++)
  const other = new pg.Client({ connectionString: env.database.url })
  await other.connect()
  const listening = `select pid from pg_stat_activity where query = 'listen posthorn_due' and datname = current_database()`
  const { rows } = await other.query(listening)
  expect(rows).toHaveLength(1)
  await other.query('select pg_terminate_backend($1)', [rows[0].pid])
  await vi.waitFor(async () => expect((await other.query(listening)).rows.filter(({ pid }) => pid !== rows[0].pid)).toHaveLength(1), { timeout: 10_000 })
  await other.query('notify posthorn_due')
  await vi.waitFor(() => expect(heard).toBeGreaterThan(0))
  await other.end()
  await work.close()
})

test.skipIf(isPostgres)('a database file that is away for a moment does not end who looks at it', async () => {
  await using _db = await testDb()
  const watched = openDb()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const work = await listenForWork(watched, () => undefined)
    await closeDb(watched)
    expect(() => vi.advanceTimersByTime(100)).not.toThrow()
    await work.close()
  } finally {
    vi.useRealTimers()
  }
})

test.runIf(isPostgres)('an engine whose wish to listen PostgreSQL refused asks again', async () => {
  await using db = await testDb()
  let asked = 0
  await using _between = await betweenUsAndPostgres((client, bytes, pass) => {
    if (!bytes.includes('listen posthorn_due') || ++asked > 1) return pass()
    client.write(Buffer.from('E\0\0\0\x19SERROR\0CXX000\0Mno\0\0Z\0\0\0\x05I', 'latin1'))
  })
  const work = await listenForWork(db, () => undefined)
  await vi.waitFor(() => expect(asked).toBe(2), { timeout: 10_000 })
  await work.close()
})

test.runIf(isPostgres)('an engine whose wish to listen PostgreSQL never answers begins all the same, and asks again', async () => {
  await using db = await testDb()
  let asked = 0
  await using _between = await betweenUsAndPostgres((_client, bytes, pass) => {
    if (!bytes.includes('listen posthorn_due') || ++asked > 1) pass()
  })
  using _hurried = changed(env.database, { url: `${env.database.url}?answer_timeout=200` })
  const work = await listenForWork(db, () => undefined)
  await vi.waitFor(() => expect(asked).toBe(2), { timeout: 10_000 })
  await work.close()
})

test.runIf(isPostgres)('a connection to PostgreSQL that comes up when nobody listens any more is ended', async () => {
  await using db = await testDb()
  const clients: Socket[] = []
  let goOn: () => void = () => undefined
  await using _between = await betweenUsAndPostgres((client, bytes, pass) => {
    if (!bytes.includes('listen posthorn_due')) return pass()
    clients.push(client)
    if (clients.length === 1) return pass()
    goOn = pass
  })
  const work = await listenForWork(db, () => undefined)
  clients[0]?.destroy()
  await vi.waitFor(() => expect(clients).toHaveLength(2), { timeout: 10_000 })
  await work.close()
  const ended = once(clients[1] as Socket, 'close')
  goOn()
  await ended
})

test.runIf(isPostgres)('an engine that stops does not wait for a PostgreSQL that says nothing any more', async () => {
  await using db = await testDb()
  await using proxy = await startSilentProxy(env.database.url ?? '')
  using _far = changed(env.database, { url: proxy.url })
  const work = await listenForWork(db, () => undefined)
  proxy.hush()
  await work.close() // its goodbye is lost
})

/** Stands between this process and PostgreSQL, and decides what comes through. */
async function betweenUsAndPostgres(hear: (client: Socket, bytes: Buffer, pass: () => void) => void): Promise<AsyncDisposable> {
  const real = new URL(env.database.url ?? '')
  const server = createServer(client => {
    const behind = connect(Number(real.port), real.hostname)
    behind.pipe(client)
    client.on('data', bytes => hear(client, bytes, () => behind.write(bytes)))
    client.on('close', () => behind.destroy()).on('error', () => undefined)
    behind.on('error', () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  Object.assign(env.database, { url: Object.assign(new URL(real), { hostname: '127.0.0.1', port: String(port) }).href })
  return {
    async [Symbol.asyncDispose]() {
      Object.assign(env.database, { url: real.href })
      await new Promise(resolve => server.close(resolve))
    },
  }
}
