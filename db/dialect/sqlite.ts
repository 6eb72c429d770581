import { blob, index, integer, primaryKey, sqliteTable, text, unique, uniqueIndex } from 'drizzle-orm/sqlite-core'

/** Instants are milliseconds since 1970; booleans 0 and 1; bytes are blobs; json is text. */
export const sqliteKit = {
  table: sqliteTable,
  text,
  integer: (name: string) => integer(name),
  boolean: (name: string) => integer(name, { mode: 'boolean' }),
  instant: (name: string) => integer(name, { mode: 'timestamp_ms' }),
  bytes: (name: string) => blob(name, { mode: 'buffer' }),
  json: (name: string) => text(name, { mode: 'json' }),
  index,
  unique,
  uniqueIndex,
  primaryKey,
}
