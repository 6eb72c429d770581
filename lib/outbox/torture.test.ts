import { expect, test } from 'vitest'
import { testDb } from '@/lib/testing/database'
import { compileKillableEngine } from '@/lib/testing/killable-engine'
import { torture } from '@/lib/testing/torture'

test('whatever is killed when, every recipient comes to an end, and a second copy only follows a lost answer', { timeout: 180_000 }, async () => {
  using killable = await compileKillableEngine()
  await using db = await testDb()
  const report = await torture(db, { kills: 4, engines: 2, messagesEach: 12, seed: 7, killable })
  expect(report.broken).toEqual([])
  expect(report).toMatchObject({ messages: 48 })
  expect(report.handedOver).toBeGreaterThan(40)
})
