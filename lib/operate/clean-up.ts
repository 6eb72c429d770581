import { and, asc, inArray, isNotNull, lt } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { capturedMessages, testSends, webhookDeliveries } from '@/db/schema'
import { after, days, now } from '@/lib/clock'
import { firstIdAt } from '@/lib/id'

const atOnce = 500
const keptDays = { delivery: 30, captured: 30, test: 7 }

/** One small step: what nobody looks at any more. Events of webhooks, tests that ended, the mail of a sandbox. */
export async function cleanUp(db: Db): Promise<void> {
  const before = (count: number) => after(now(), -days(count))
  const deliveries = db
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(lt(webhookDeliveries.id, firstIdAt(before(keptDays.delivery))))
    .orderBy(asc(webhookDeliveries.id))
    .limit(atOnce)
  const captured = db
    .select({ id: capturedMessages.id })
    .from(capturedMessages)
    .where(lt(capturedMessages.receivedAt, before(keptDays.captured)))
    .limit(atOnce)
  const tests = db
    .select({ id: testSends.id })
    .from(testSends)
    .where(and(isNotNull(testSends.endedAt), lt(testSends.id, firstIdAt(before(keptDays.test)))))
    .orderBy(asc(testSends.id))
    .limit(atOnce)
  await db.delete(webhookDeliveries).where(inArray(webhookDeliveries.id, deliveries))
  await db.delete(capturedMessages).where(inArray(capturedMessages.id, captured))
  await db.delete(testSends).where(inArray(testSends.id, tests))
}
