import { type Db, poolOf } from '@/db/client'
import { env } from '@/lib/env'

/** Leases last half a minute, and every engine tells by its own clock whether another's has run out. */
export const mostSecondsApart = 5

/** By how many seconds at least this machine's clock is ahead of the database's, negative: behind. With SQLite there is one clock. */
export async function secondsAhead(db: Db): Promise<number> {
  if (env.database.dialect === 'sqlite') return 0
  const askedAt = Date.now()
  const { rows } = await poolOf(db).query('select extract(epoch from clock_timestamp()) * 1000 as at')
  const at = Number(rows[0]?.at) // some time between question and answer
  return (at < askedAt ? askedAt - at : Math.min(0, Date.now() - at)) / 1000
}

/** Then an engine begins nothing: it would take over what others still send, and end what has time left. */
export const isClockApart = async (db: Db): Promise<boolean> => Math.abs(await secondsAhead(db)) > mostSecondsApart
