import { setTimeout as wait } from 'node:timers/promises'
import { eq, isNotNull } from 'drizzle-orm'
import { createTransport } from 'nodemailer'
import { expect, test, vi } from 'vitest'
import { accounts, installations, messages, recipients } from '@/db/schema'
import { now } from '@/lib/clock'
import { retryMessages } from '@/lib/message/message-actions'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { makeKey } from '@/lib/testing/door'
import { type EngineProgram, engineProgram } from '@/lib/testing/engine-program'
import { startStepServer } from '@/lib/testing/step-server'

/** The relay's connections: what one engine can have between the mark before the final dot and the answer to it. */
const onTheWay = 20

type Feed = (engine: EngineProgram, to: string) => Promise<unknown>

/** One message after another to whichever engine takes it, each handed in again until one says that it is queued. */
async function feed(engines: EngineProgram[], { name, isOver, hand }: { name: string; isOver: () => boolean; hand: Feed }): Promise<string[]> {
  const queued: string[] = []
  while (!isOver()) {
    const to = `${name}${queued.length}@example.test`
    for (let tries = 0; ; tries++) {
      try {
        await hand(engines[(queued.length + tries) % engines.length] as EngineProgram, to)
        break
      } catch {
        await wait(50) // that one is being restarted: the next
      }
    }
    queued.push(to)
  }
  return queued
}

test.runIf(isPostgres)('engines restarted one by one, and killed one by one, lose nothing that programs hand in meanwhile', { timeout: 180_000 }, async () => {
  await using db = await testDb()
  await using sink = await startStepServer(() => 'go')
  await db.insert(installations).values({ id: 'this', mode: 'live', createdAt: now() })
  const { admin } = await makeCompany(db)
  const { key } = await makeKey(db, admin)
  await using one = await engineProgram(sink.port)
  await using two = await engineProgram(sink.port)
  const engines = [one, two]
  for (const engine of engines) await engine.start()
  let isOver = false
  const overHttp: Feed = async ({ apiPort }, to) => {
    const body = JSON.stringify({ from_user: 'ANNA', to: [to], subject: 'Faktura', text: 'x' })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': to }
    const { status } = await fetch(`http://127.0.0.1:${apiPort}/api/v1/messages`, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) })
    if (status !== 202) throw new Error(`answered ${status}`)
  }
  const bySmtp: Feed = ({ doorPort }, to) =>
    createTransport({
      host: 'localhost',
      port: doorPort,
      secure: true,
      auth: { user: 'ANNA@acme', pass: key },
      connectionTimeout: 5_000,
      socketTimeout: 10_000,
    }).sendMail({
      from: 'anna@acme.test',
      to,
      subject: 'Faktura',
      text: 'x',
    })
  const feeding = Promise.all([
    feed(engines, { name: 'http', isOver: () => isOver, hand: overHttp }),
    feed(engines, { name: 'smtp', isOver: () => isOver, hand: bySmtp }),
  ])
  const arrived = () => new Set(sink.taken.flatMap(({ recipients }) => recipients))
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const engine of engines) {
      const before = arrived().size
      await vi.waitFor(() => expect(arrived().size).toBeGreaterThan(before + 5), { timeout: 60_000 })
      await engine.end(signal)
      if (signal === 'SIGKILL')
        await db
          .update(accounts)
          .set({ leaseUntil: new Date(0) })
          .where(isNotNull(accounts.leaseUntil)) // half a minute passes
      await engine.start()
    }
  }
  isOver = true
  const queued = (await feeding).flat()
  const fates = async () => {
    const states = new Map((await db.select({ to: recipients.address, state: recipients.state }).from(recipients)).map(({ to, state }) => [to, state]))
    return queued.map(to => `${to}: ${arrived().has(to) ? 'arrived' : 'not there'}, ${states.get(to)}`)
  }
  // Killed between the mark before the final dot and its answer, a message may have arrived or not, and says that it is unknown.
  await vi.waitFor(async () => expect((await fates()).filter(fate => !/: arrived, accepted$|, unknown$/.test(fate))).toEqual([]), { timeout: 60_000 })
  const unknown = await db.select({ id: messages.id }).from(messages).where(eq(messages.state, 'unknown'))
  expect(unknown.length, 'two kills leave no more unknown than was on the way').toBeLessThanOrEqual(2 * onTheWay)
  await retryMessages(db, admin, { ids: unknown.map(({ id }) => id) })
  await vi.waitFor(async () => expect((await fates()).filter(fate => !fate.endsWith(': arrived, accepted'))).toEqual([]), { timeout: 60_000 })
  const stored = await db.select().from(messages)
  const asked = stored.flatMap(({ idempotencyKey }) => idempotencyKey ?? [])
  expect(asked, 'the same key queues nothing twice, whichever engine it comes to').toHaveLength(queued.filter(to => to.startsWith('http')).length)
})
