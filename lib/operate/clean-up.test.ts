import { expect, test, vi } from 'vitest'
import { accountHours, accounts, capturedMessages, testSends, testSteps, webhookDeliveries } from '@/db/schema'
import { hourOf } from '@/lib/account/usage'
import { after, days, now, shiftClock } from '@/lib/clock'
import { newId } from '@/lib/id'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sendTestEvent } from '@/lib/webhook/delivery'
import { createWebhook } from '@/lib/webhook/webhook'
import { cleanUp } from './clean-up'
import { runCleanUp } from './run-clean-up'

test('old events, tests that ended and captured mail go; what is young or still runs stays', async () => {
  await using db = await testDb()
  const { admin, tenantId, user } = await makeCompany(db)
  const { id: webhookId } = await createWebhook(db, admin, { url: 'http://localhost:1024/', events: ['message.queued'] })
  const accountId = newId()
  await db.insert(accounts).values({ id: accountId, tenantId, kind: 'smtp', identity: 'smtp.acme.test', createdAt: now() })
  const fill = async (endedAt: Date | null) => {
    const [at, id] = [now(), newId(now())]
    await sendTestEvent(db, admin, { webhookId })
    await db.insert(capturedMessages).values({ id, receivedAt: at, envelopeSender: 'a@acme.test', envelopeRecipients: [], subject: 'x', raw: Buffer.from('x') })
    await db
      .insert(testSends)
      .values({ id, tenantId, loginId: user.loginId, cardId: user.cardId, messageId: newId(), route: {}, createdAt: at, wipeAt: at, endedAt })
    await db
      .insert(accountHours)
      .values({ accountId, tenantId, hour: hourOf(at), recipientCount: 1 })
      .onConflictDoNothing()
    await db.insert(testSteps).values({ id, testSendId: id, tenantId, position: 0, step: {} })
  }
  await fill(now())
  await fill(null)
  const back = shiftClock(days(31))
  await fill(now())
  expect(await cleanUp(db), 'that was all').toBe(false)
  back()
  const tables = [webhookDeliveries, capturedMessages, testSends, testSteps, accountHours]
  expect(await Promise.all(tables.map(table => db.$count(table)))).toEqual([1, 1, 2, 2, 1])
})

test('what an installation with much mail has told its webhooks goes as fast as it came', async () => {
  await using db = await testDb()
  const { admin, tenantId } = await makeCompany(db)
  const { id: webhookId } = await createWebhook(db, admin, { url: 'http://localhost:1024/', events: ['message.queued'] })
  const at = after(now(), -days(31))
  const told = { webhookId, tenantId, event: 'message.queued', subjectId: newId(), facts: '{}', state: 'delivered' as const, attemptCount: 1, occurredAt: at }
  await db.insert(webhookDeliveries).values(Array.from({ length: 600 }, () => ({ id: newId(at), ...told })))
  const stop = new AbortController()
  const running = runCleanUp(db, { signal: stop.signal })
  await vi.waitFor(async () => expect(await db.$count(webhookDeliveries)).toBe(0), { timeout: 15_000 })
  stop.abort()
  await running
})
