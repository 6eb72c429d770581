import { expect, test } from 'vitest'
import { capturedMessages, testSends, testSteps, webhookDeliveries } from '@/db/schema'
import { days, now, shiftClock } from '@/lib/clock'
import { newId } from '@/lib/id'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sendTestEvent } from '@/lib/webhook/delivery'
import { createWebhook } from '@/lib/webhook/webhook'
import { cleanUp } from './clean-up'

test('old events, tests that ended and captured mail go; what is young or still runs stays', async () => {
  await using db = await testDb()
  const { admin, tenantId, user } = await makeCompany(db)
  const { id: webhookId } = await createWebhook(db, admin, { url: 'http://localhost:1024/', events: ['message.queued'] })
  const fill = async (endedAt: Date | null) => {
    const [at, id] = [now(), newId(now())]
    await sendTestEvent(db, admin, { webhookId })
    await db.insert(capturedMessages).values({ id, receivedAt: at, envelopeSender: 'a@acme.test', envelopeRecipients: [], subject: 'x', raw: Buffer.from('x') })
    await db
      .insert(testSends)
      .values({ id, tenantId, loginId: user.loginId, cardId: user.cardId, messageId: newId(), route: {}, createdAt: at, wipeAt: at, endedAt })
    await db.insert(testSteps).values({ id, testSendId: id, tenantId, position: 0, step: {} })
  }
  await fill(now())
  await fill(null)
  const back = shiftClock(days(31))
  await fill(now())
  await cleanUp(db)
  back()
  const counts = await Promise.all([webhookDeliveries, capturedMessages, testSends, testSteps].map(async table => (await db.select().from(table)).length))
  expect(counts).toEqual([1, 1, 2, 2])
})
