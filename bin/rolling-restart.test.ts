import { eq, isNotNull } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { accounts, installations, messages, recipients } from '@/db/schema'
import { retryMessages } from '@/lib/message/message-actions'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { makeKey } from '@/lib/testing/door'
import { engineProgram } from '@/lib/testing/engine-program'
import { feed, overHttp, overSmtp } from '@/lib/testing/feed'
import { startStepServer } from '@/lib/testing/step-server'

/** The relay's connections: what one engine can have between the mark before the final dot and the answer to it. */
const onTheWay = 20

test.runIf(isPostgres)('engines restarted one by one, and killed one by one, lose nothing that programs hand in meanwhile', { timeout: 180_000 }, async () => {
  await using db = await testDb()
  await using sink = await startStepServer(() => 'go')
  await db.update(installations).set({ mode: 'live' })
  const { admin } = await makeCompany(db)
  const { key } = await makeKey(db, admin)
  await using one = await engineProgram(sink.port)
  await using two = await engineProgram(sink.port)
  const engines = [one, two]
  for (const engine of engines) await engine.start()
  let isOver = false
  const feeding = Promise.all([
    feed(engines, { name: 'http', isOver: () => isOver, hand: overHttp(key) }),
    feed(engines, { name: 'smtp', isOver: () => isOver, hand: overSmtp(key) }),
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
