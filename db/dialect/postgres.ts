import { boolean, customType, index, integer, jsonb, pgTable, primaryKey, text, timestamp, unique, uniqueIndex } from 'drizzle-orm/pg-core'

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

const jsonText = customType<{ data: unknown; driverData: string }>({
  dataType: () => 'text',
  toDriver: value => JSON.stringify(value),
  fromDriver: text => JSON.parse(text),
})

/** The same names as SQLite's kit, with PostgreSQL's own types below. */
export const postgresKit = {
  table: pgTable,
  text,
  integer: (name: string) => integer(name),
  boolean: (name: string) => boolean(name),
  instant: (name: string) => timestamp(name, { mode: 'date', precision: 3, withTimezone: true }),
  bytes: (name: string) => bytea(name),
  json: (name: string) => jsonb(name),
  jsonText: (name: string) => jsonText(name), // jsonb takes it apart, and puts it together when it is read
  /**
   * No foreign key: PostgreSQL runs a query and locks a row for each, an eighth of what it does for a message. Nothing deletes what
   * is referred to, and SQLite, on which every test runs as well, refuses what refers to nothing.
   */
  refers: <Builder>(builder: Builder) => builder,
  index,
  unique,
  uniqueIndex,
  primaryKey,
}
