import { eq } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { accounts, attempts, inHand, messages } from '@/db/schema'
import { now, seconds } from '@/lib/clock'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { holdMail, releaseMail } from '@/lib/tenant/mail-switch'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { seenStates } from '@/lib/testing/in-hand'
import { sendThrough, turn } from '@/lib/testing/outbox'
import { startHoldingServer } from '@/lib/testing/step-server'

const document = { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' as const }

test('of a batch that is taken up, what has not begun stays when its company’s mail is held, and leaves when it is let go', async () => {
  await using db = await testDb()
  await using server = await startHoldingServer()
  const shipped = env.platform.limits
  Object.assign(env.platform, { limits: [{ name: 'generic', connections: 1 }] })
  const { admin, user } = await makeCompany(db)
  await sendThrough(db, user, { port: server.port, tls: 'none' })
  for (let i = 0; i < 3; i++) await enqueueMessage(db, user, document)
  await db.update(accounts).set({ lastAcceptedAt: now() }) // a server that took mail so lately is given batches at once
  server.hold()
  const draining = turn(db)
  await vi.waitFor(async () => expect([server.unanswered(), await seenStates(db)]).toEqual([1, ['sending', 'sending', 'sending']]), { timeout: 10_000 })
  await holdMail(db, admin)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds(1) }) // a hold is looked for a few times a second
  server.answer()
  await draining
  vi.useRealTimers()
  expect(await seenStates(db)).toEqual(['accepted', 'queued', 'queued'])
  expect(await db.select().from(inHand), 'nothing is left for another engine to recover').toEqual([])
  await releaseMail(db, admin)
  await turn(db)
  Object.assign(env.platform, { limits: shipped })
  expect(await db.$count(messages, eq(messages.state, 'accepted'))).toBe(3)
  expect(new Set(server.taken.map(({ messageId }) => messageId)).size).toBe(3)
  expect([server.taken.length, await db.$count(attempts)], 'each once').toEqual([3, 3])
})
