import { and, eq, lt, type SQL, sql } from 'drizzle-orm'
import { messages } from '@/db/schema'
import { after, days } from '@/lib/clock'

/** How long a message is tried, from when it may leave, unless its sender named an expiry. */
export const keptForMs = days(5)
const leftAfterHoldMs = days(4)

/** For a message tried again: what its sender named holds, as long as it is not over. */
export function openAgain(at: Date) {
  const isOpen = sql`${messages.expiresAt} > ${param(at)}`
  return {
    expiresAt: sql<Date>`case when ${isOpen} then ${messages.expiresAt} else ${param(after(at, keptForMs))} end`,
    isExpiryNamed: sql<boolean>`${messages.isExpiryNamed} and ${isOpen}`,
  }
}

/** That a hold which ends at `at` has left a message less than four of its days. What its sender named holds, over or not. */
export const hasLostTime = (at: Date) => and(eq(messages.isExpiryNamed, false), lt(messages.expiresAt, after(at, leftAfterHoldMs))) as SQL

/** For a message that was held until `at`. */
export const letGoAt = (at: Date) => sql<Date>`case when ${hasLostTime(at)} then ${param(after(at, keptForMs))} else ${messages.expiresAt} end`

const param = (at: Date) => sql.param(at, messages.expiresAt)
