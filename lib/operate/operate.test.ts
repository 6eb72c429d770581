import { eq } from 'drizzle-orm'
import fastify from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { type Db, poolOf } from '@/db/client'
import { accounts, installations, messages, tenants } from '@/db/schema'
import { after, days, hours, minutes, now, seconds, shiftClock } from '@/lib/clock'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { messagesQueued } from '@/lib/metrics'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { takeInHand } from '@/lib/testing/in-hand'
import { savePassword } from '@/lib/testing/outbox'
import { enginePlugin } from './engine-plugin'

afterEach(() => {
  env.metricsToken = undefined
  env.relayUrl = undefined
})

async function engine(db: Db) {
  const server = fastify()
  await server.register(async scope => enginePlugin(db)(scope))
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() })
}

const valueIn = (metrics: string, name: string) =>
  Number(
    metrics
      .split('\n')
      .find(line => line.startsWith(`${name} `))
      ?.split(' ')[1],
  )

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')

const document = { to: ['klient@example.test'], subject: 'Faktura', text: 'W załączeniu.', kind: 'document' as const }

test('an engine counts what waits, and says nothing of anybody', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db, 'tajna')
  const stored = async () => (await messagesQueued.get()).values.find(({ labels }) => labels.way === 'app')?.value ?? 0
  const storedBefore = await stored() // the counters are this process's
  await enqueueMessage(db, user, document)
  await enqueueMessage(db, user, document)
  const { id } = await enqueueMessage(db, user, document)
  await takeInHand(db, [id])
  const back = shiftClock(seconds(90))
  await using server = await engine(db)
  const { statusCode, body, headers } = await server.inject('/metrics')
  back()
  expect([statusCode, headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')])
  const value = (name: string) => valueIn(body, name)
  expect(value('posthorn_messages{state="queued"}')).toBe(2)
  expect(value('posthorn_messages{state="sending"}')).toBe(1)
  expect(value('posthorn_messages_queued_total{way="app"}')).toBe(storedBefore + 3)
  expect(value('posthorn_messages{state="unknown"}')).toBe(0)
  expect(value('posthorn_oldest_queued_seconds')).toBeGreaterThan(89)
  expect(value('posthorn_accounts_waiting')).toBe(1)
  expect(value('posthorn_database_up')).toBe(1)
  expect(value('posthorn_lease_wait_seconds')).toBeGreaterThan(89)
  expect(body).not.toMatch(/tajna|klient|Faktura/)
})

test('what is held is counted by itself, and its age alarms nobody', async () => {
  await using db = await testDb()
  const [holding, sending] = [await makeCompany(db, 'holding'), await makeCompany(db, 'sending')]
  const [, waits, inHand] = [
    await enqueueMessage(db, holding.user, document),
    await enqueueMessage(db, holding.user, document),
    await enqueueMessage(db, holding.user, document),
  ]
  await db.update(messages).set({ state: 'waiting' }).where(eq(messages.id, waits.id))
  await db.update(messages).set({ dueAt: after(now(), -hours(5)) })
  await enqueueMessage(db, sending.user, document)
  await takeInHand(db, [inHand.id])
  await db.update(tenants).set({ heldAt: now() }).where(eq(tenants.slug, 'holding'))
  const counted = async () => {
    await using server = await engine(db)
    const { body } = await server.inject('/metrics')
    return ['held', 'queued', 'waiting', 'sending'].map(state => valueIn(body, `posthorn_messages{state="${state}"}`))
  }
  expect(await counted()).toEqual([2, 1, 0, 1])
  const age = async () => {
    await using server = await engine(db)
    return valueIn((await server.inject('/metrics')).body, 'posthorn_oldest_queued_seconds')
  }
  expect(await age()).toBeLessThan(60)
  const others = await Promise.all([enqueueMessage(db, sending.user, document), enqueueMessage(db, sending.user, document)])
  for (const { id } of others) await db.update(messages).set({ state: 'waiting' }).where(eq(messages.id, id))
  expect(await age(), 'where more waits than is queued it is found another way').toBeLessThan(60)
  await db.update(installations).set({ heldAt: now() })
  expect(await counted(), 'a restore holds everybody’s').toEqual([5, 0, 0, 1])
})

test.each([
  ['little', 0],
  ['much', 5],
])(
  'the age of what is queued is told from when it may leave, where %s else waits: mail of tomorrow, in hand, or of a paused account alarms nobody',
  async (_, others) => {
    await using db = await testDb()
    const { user, second } = await makeCompany(db)
    for (let i = 0; i < others; i++) await enqueueMessage(db, user, document)
    await db.update(messages).set({ state: 'waiting', dueAt: after(now(), -hours(3)) })
    await enqueueMessage(db, user, { ...document, sendAt: after(now(), hours(24)) })
    const age = async () => {
      await using server = await engine(db)
      return valueIn((await server.inject('/metrics')).body, 'posthorn_oldest_queued_seconds')
    }
    const backs = [shiftClock(hours(2))]
    expect(await age(), 'it leaves tomorrow').toBe(0)
    const due = await enqueueMessage(db, user, { ...document, kind: 'letter' })
    backs.push(shiftClock(minutes(10)))
    expect(Math.round(await age())).toBe(600)
    await takeInHand(db, [due.id])
    expect(await age(), 'an engine has it').toBe(0)
    backs.push(shiftClock(hours(22)))
    expect(await age(), 'its day has come ten minutes ago').toBeCloseTo(600, -1)
    await db.update(tenants).set({ heldAt: now() })
    expect(await age(), 'an admin holds it').toBe(0)
    await db.update(tenants).set({ heldAt: null })
    await db.update(accounts).set({ state: 'paused' })
    expect(await age(), 'a person has to mend it').toBe(0)
    await enqueueMessage(db, second, document)
    backs.push(shiftClock(days(6)))
    await db.update(accounts).set({ state: 'active' })
    expect(await age(), 'all is expired').toBe(0)
    for (const back of backs) back()
  },
)

test('metrics are for this machine, or for who brings the token; never for who comes through a proxy', async () => {
  await using db = await testDb()
  await using server = await engine(db)
  const status = async (remoteAddress: string, headers: Record<string, string> = {}) =>
    (await server.inject({ url: '/metrics', remoteAddress, headers })).statusCode
  expect(await status('127.0.0.1')).toBe(200)
  expect(await status('::1')).toBe(200)
  expect(await status('::ffff:127.0.0.1')).toBe(200)
  expect(await status('10.0.0.7')).toBe(403)
  expect(await status('127.0.0.1', { 'x-forwarded-for': '203.0.113.9' })).toBe(403)
  env.metricsToken = 'much-too-long-to-guess'
  expect(await status('127.0.0.1')).toBe(401)
  expect(await status('10.0.0.7', { authorization: 'Bearer wrong' })).toBe(401)
  expect(await status('10.0.0.7', { authorization: 'Bearer much-too-long-to-guess' })).toBe(200)
})

test('while the database is away the counters are told, and the figures of the queue are not made up', async () => {
  await using db = await testDb()
  await using server = await engine(db)
  const gone = 'alter table account rename to gone'
  await (isPostgres ? poolOf(db).query(gone) : db.$client.exec(gone)) // what cannot be read is away, for who looks
  const { statusCode, body } = await server.inject('/metrics')
  expect(statusCode).toBe(200)
  expect(body).toContain('posthorn_database_up 0')
  expect(body).toContain('posthorn_messages_queued_total')
  expect(body).not.toMatch(/^posthorn_(messages|held|accounts_paused)\b/m)
  expect(body).not.toContain('select')
})

test('an engine that is told to stop is not ready from then on, and answers what still comes', async () => {
  await using db = await testDb()
  const stop = new AbortController()
  await using server = fastify()
  await server.register(async scope => enginePlugin(db, { stopping: stop.signal })(scope))
  expect((await server.inject('/readyz')).statusCode).toBe(200)
  stop.abort()
  const stopping = await server.inject('/readyz')
  expect(stopping.statusCode).toBe(503)
  expect(stopping.json()).toMatchObject({ status: 'stopping' })
  expect((await server.inject('/healthz')).statusCode).toBe(200)
})

test('an engine is ready when its database answers, has this build’s tables and is of its mode', async () => {
  await using db = await testDb()
  await using server = await engine(db)
  expect((await server.inject('/healthz')).json()).toEqual({ status: 'ok' })
  expect((await server.inject('/readyz')).json()).toEqual({ status: 'ok', checks: { database: 'ok', migrations: 'ok', mode: 'ok', clock: 'ok', keys: 'ok' } })
  env.relayUrl = 'smtps://user:secret@relay.example.test'
  const wrong = await server.inject('/readyz')
  expect(wrong.statusCode).toBe(503)
  expect(wrong.json()).toMatchObject({ status: 'not ready', checks: { database: 'ok', mode: expect.stringContaining('RELAY_URL is set') } })
  expect(wrong.body).not.toContain('secret')
})

test('an engine with the keys of another installation is not ready, and one that lacks a few is', async () => {
  await using db = await testDb()
  await using server = await engine(db)
  const { user, second, admin } = await makeCompany(db)
  const configured = env.sealingKeys
  const use = { host: 'smtp.acme.test', port: 465, tls: 'implicit' as const, username: 'anna' }
  try {
    for (const [card, keys] of [
      [user, `old:${key(1)}`],
      [second, `gone:${key(2)}`],
      [admin, `old:${key(1)}`],
    ] as const) {
      env.sealingKeys = keys
      await savePassword(db, card, use)
    }
    env.sealingKeys = `new:${key(3)}`
    const wrong = await server.inject('/readyz')
    expect(wrong.statusCode).toBe(503)
    expect(wrong.json().checks).toMatchObject({ database: 'ok', keys: expect.stringContaining('not in POSTHORN_KEYS') })
    env.sealingKeys = `new:${key(3)},old:${key(1)}`
    expect((await server.inject('/readyz')).json(), 'what is lost for good is its owner’s to type anew').toMatchObject({ status: 'ok', checks: { keys: 'ok' } })
  } finally {
    env.sealingKeys = configured
  }
})
