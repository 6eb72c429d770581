import {
  type AnySQLiteColumn,
  blob,
  index,
  integer,
  primaryKey,
  type SQLiteColumnBuilder,
  sqliteTable,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'

type Actions = Parameters<SQLiteColumnBuilder['references']>[1]

/** Instants are milliseconds since 1970; booleans 0 and 1; bytes are blobs; json is text. */
export const sqliteKit = {
  table: sqliteTable,
  text,
  integer: (name: string) => integer(name),
  boolean: (name: string) => integer(name, { mode: 'boolean' }),
  instant: (name: string) => integer(name, { mode: 'timestamp_ms' }),
  bytes: (name: string) => blob(name, { mode: 'buffer' }),
  json: (name: string) => text(name, { mode: 'json' }),
  jsonText: (name: string) => text(name, { mode: 'json' }), // nothing inside is ever asked for
  /** A column of what is written for every message. SQLite looks its reference up in memory, PostgreSQL does not: see its kit. */
  refers: <Builder extends SQLiteColumnBuilder>(builder: Builder, to: () => AnySQLiteColumn, actions?: Actions): Builder => builder.references(to, actions),
  index,
  unique,
  uniqueIndex,
  primaryKey,
}
