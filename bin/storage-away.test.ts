import { isNull } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { attempts, installations, recipients } from '@/db/schema'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { makeKey } from '@/lib/testing/door'
import { engineProgram } from '@/lib/testing/engine-program'
import { feed, overHttp, overSmtp } from '@/lib/testing/feed'
import { seenStates } from '@/lib/testing/in-hand'
import { startHoldingServer } from '@/lib/testing/step-server'
import { takeAway } from '@/lib/testing/take-away'

test('an engine whose database goes away in the middle takes nothing in, and goes on by itself when it is back', { timeout: 180_000 }, async () => {
  await using db = await testDb()
  await using sink = await startHoldingServer()
  await db.update(installations).set({ mode: 'live' })
  const { admin } = await makeCompany(db)
  const { key } = await makeKey(db, admin)
  await using engine = await engineProgram(sink.port)
  await engine.start()
  let isOver = false
  const refusals: Record<'http' | 'smtp', (number | undefined)[]> = { http: [], smtp: [] }
  const feeding = Promise.all([
    feed([engine], { name: 'http', isOver: () => isOver, hand: overHttp(key), onRefusal: code => refusals.http.push(code) }),
    ...['smtp-a-', 'smtp-b-', 'smtp-c-'].map(name =>
      feed([engine], { name, isOver: () => isOver, hand: overSmtp(key), onRefusal: code => refusals.smtp.push(code) }),
    ),
  ])
  const arrived = () => sink.taken.flatMap(({ recipients: taken }) => taken)
  await vi.waitFor(() => expect(arrived().length).toBeGreaterThan(10), { timeout: 60_000 })
  // answers come, and more messages are to leave, while the database is away
  sink.hold()
  await vi.waitFor(() => expect(sink.unanswered()).toBeGreaterThan(0), { timeout: 60_000 })
  await vi.waitFor(async () => expect((await seenStates(db)).filter(state => state === 'sending').length).toBeGreaterThan(sink.unanswered() + 10), {
    timeout: 60_000,
  })
  const { isBack } = await takeAway(db, engine.pid())
  sink.answer()
  await vi.waitFor(() => expect(Math.min(refusals.http.length, refusals.smtp.length)).toBeGreaterThan(5), { timeout: 60_000 })
  await isBack()
  const before = arrived().length
  await vi.waitFor(() => expect(arrived().length).toBeGreaterThan(before + 10), { timeout: 60_000 })
  isOver = true
  const queued = (await feeding).flat()

  expect(engine.isRunning()).toBe(true)
  expect(new Set(refusals.http), 'a program that asks over HTTP is told to come again').toEqual(new Set([503]))
  expect(
    refusals.smtp.filter(code => code !== 451 && code !== 454),
    'so is one that speaks SMTP',
  ).toEqual([])
  expect(engine.output(), 'the log says that the database is away, and not of each message').not.toMatch(/"doorFault"|"doorLogin"|"apiFailed"/)
  // what was stored though its answer was lost is handed in again: over HTTP under the same key, over SMTP as another message
  const fates = async () => {
    const stored = await db.select({ to: recipients.address, state: recipients.state }).from(recipients)
    return queued.map(to => {
      const states = stored.filter(recipient => recipient.to === to).map(({ state }) => state)
      return `${to}: stored ${states.length}, arrived ${arrived().filter(taken => taken === to).length}, ${[...new Set(states)]}`
    })
  }
  const isWell = (fate: string) => /^http.*: stored 1, arrived 1, accepted$|^smtp.*: stored (\d), arrived \1, accepted$/.test(fate)
  await vi.waitFor(async () => expect((await fates()).filter(fate => !isWell(fate))).toEqual([]), { timeout: 60_000 })
  expect(await db.select({ id: attempts.id }).from(attempts).where(isNull(attempts.endedAt)), 'what a server had answered was written down').toEqual([])
})
