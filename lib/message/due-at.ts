import { sql } from 'drizzle-orm'
import { messages } from '@/db/schema'

/** For a message that is to go on at `at`: then, and never before the time it is to be sent at. */
export function dueFrom(at: Date) {
  const instant = sql.param(at, messages.dueAt)
  return sql<Date>`case when ${messages.sendAt} > ${instant} then ${messages.sendAt} else ${instant} end`
}
