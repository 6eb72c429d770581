import { boolean, customType, index, integer, jsonb, pgTable, primaryKey, text, timestamp, unique, uniqueIndex } from 'drizzle-orm/pg-core'

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

/** The same names as SQLite's kit, with PostgreSQL's own types below. */
export const postgresKit = {
  table: pgTable,
  text,
  integer: (name: string) => integer(name),
  boolean: (name: string) => boolean(name),
  instant: (name: string) => timestamp(name, { mode: 'date', precision: 3, withTimezone: true }),
  bytes: (name: string) => bytea(name),
  json: (name: string) => jsonb(name),
  index,
  unique,
  uniqueIndex,
  primaryKey,
}
