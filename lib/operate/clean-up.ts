import { and, asc, inArray, isNotNull, lt, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { accountHours, capturedMessages, testSends, webhookDeliveries } from '@/db/schema'
import { after, days, now } from '@/lib/clock'
import { firstIdAt } from '@/lib/id'

const atOnce = 500
const keptDays = { delivery: 30, captured: 30, test: 7, hour: 2 } // of an hour nothing counts after 25

/**
 * One small step: what nobody looks at any more. Events of webhooks, tests that ended, the mail of a sandbox, what was counted against
 * quotas of the day. True when there may be more of it.
 */
export async function cleanUp(db: Db): Promise<boolean> {
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
  const counted = db
    .select({ accountId: accountHours.accountId, hour: accountHours.hour })
    .from(accountHours)
    .where(lt(accountHours.hour, before(keptDays.hour)))
    .limit(atOnce)
  const gone = [
    await db.delete(webhookDeliveries).where(inArray(webhookDeliveries.id, deliveries)).returning({ id: webhookDeliveries.id }),
    await db.delete(capturedMessages).where(inArray(capturedMessages.id, captured)).returning({ id: capturedMessages.id }),
    await db.delete(testSends).where(inArray(testSends.id, tests)).returning({ id: testSends.id }),
    await db.delete(accountHours).where(sql`(${accountHours.accountId}, ${accountHours.hour}) in ${counted}`).returning({ id: accountHours.accountId }),
  ]
  return gone.some(rows => rows.length === atOnce)
}
