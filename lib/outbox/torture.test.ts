import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compile } from '@/bin/compile.mjs'
import { testDb } from '@/lib/testing/database'
import { torture } from '@/lib/testing/torture'

const compiled = `node_modules/.cache/posthorn/torture-${process.pid}` // as the engine is compiled: then it writes through its thread
beforeAll(() => compile(compiled, ['bin/torture-engine.ts']))
afterAll(() => rmSync(compiled, { recursive: true, force: true }))

test('whatever is killed when, every recipient comes to an end, and a second copy only follows a lost answer', { timeout: 180_000 }, async () => {
  await using db = await testDb()
  const report = await torture(db, { kills: 4, engines: 2, messagesEach: 12, seed: 7, engineFile: `${compiled}/bin/torture-engine.mjs` })
  expect(report.broken).toEqual([])
  expect(report).toMatchObject({ messages: 48 })
  expect(report.handedOver).toBeGreaterThan(40)
})
