import { type SQL, sql } from 'drizzle-orm'
import { laterBy } from '@/db/later-by'
import { messages } from '@/db/schema'
import { after, days } from '@/lib/clock'

export const keptForMs = days(5)

/** The five days of a message begin when it is to be sent, at once unless a time was given. */
const begunAt = sql`coalesce(${messages.sendAt}, ${messages.queuedAt})`

/** That nobody named an expiry: it is where the five days end. Once a person let it begin anew (sent again, let go) it is theirs, and holds like one that was named. */
export const isExpiryOurs = (): SQL => sql`${messages.expiresAt} = ${laterBy(begunAt, keptForMs)}`

/** For a message tried again: a time that its sender named holds, as long as it is not over. */
export function openAgain(at: Date) {
  const { instant, later } = fiveDaysFrom(at)
  return sql<Date>`case when ${messages.expiresAt} > ${instant} then ${messages.expiresAt} else ${later} end`
}

/** For a message that was held until `at`: its five days begin now, unless they begin later still. A time that its sender named holds, over or not. */
export function letGoAt(at: Date) {
  const { instant, later } = fiveDaysFrom(at)
  return sql<Date>`case when ${isExpiryOurs()} and ${begunAt} <= ${instant} then ${later} else ${messages.expiresAt} end`
}

const fiveDaysFrom = (at: Date) => ({ instant: sql.param(at, messages.expiresAt), later: sql.param(after(at, keptForMs), messages.expiresAt) })
