import { setTimeout as wait } from 'node:timers/promises'
import { and, asc, eq, isNull, lte, or } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { microsoft365Connections } from '@/db/schema'
import { after, days, hours, minutes, now } from '@/lib/clock'
import { log } from '@/lib/log'
import { getAccessToken } from './access-token'

const idleForMs = days(20) // Microsoft ends a grant that is not used for 90 days
const atOnce = 10
const triedAgainMs = hours(1)
const tried = new Map<string, Date>()

const looksEachMs = minutes(10)

/** Looks for idle connections until the signal; what Microsoft answers is written down where the token is asked for. */
export async function keepMailboxesWarm(db: Db, { signal }: { signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    await keepConnectionsWarm(db).catch(error => log.error({ event: 'keepWarm', err: error }, 'idle Microsoft 365 connections could not be renewed'))
    await wait(looksEachMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Renews connections that nothing was sent through for long, so that a mailbox used twice a year still works. */
export async function keepConnectionsWarm(db: Db): Promise<number> {
  const at = now()
  const isFree = or(isNull(microsoft365Connections.refreshUntil), lte(microsoft365Connections.refreshUntil, at))
  const idle = await db
    .select()
    .from(microsoft365Connections)
    .where(and(eq(microsoft365Connections.state, 'active'), lte(microsoft365Connections.refreshedAt, after(at, -idleForMs)), isFree))
    .orderBy(asc(microsoft365Connections.refreshedAt))
    .limit(100)
  const due = idle.filter(({ cardId }) => (tried.get(cardId) ?? new Date(0)) <= after(at, -triedAgainMs)).slice(0, atOnce)
  for (const connection of due) {
    tried.set(connection.cardId, at)
    const renewed = await getAccessToken(db, connection)
    if (!('trouble' in renewed)) tried.delete(connection.cardId)
  }
  return due.length
}
