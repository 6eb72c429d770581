import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { env } from '../lib/env'

/** An instant so much later, as the database reckons it. */
export const laterBy = (instant: SQLWrapper, ms: number): SQL =>
  env.database.dialect === 'postgres' ? sql`${instant} + ${sql.raw(`interval '${ms} milliseconds'`)}` : sql`${instant} + ${sql.raw(String(ms))}`
