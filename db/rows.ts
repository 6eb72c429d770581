import { type Column, getTableColumns, type Table } from 'drizzle-orm'
import { getTableName } from 'drizzle-orm/table'
import { env } from '../lib/env'

/**
 * Many rows of one table, written by one statement that is compiled once: SQLite runs it row by row, PostgreSQL
 * takes the columns as arrays. What the engine writes for every message goes this way; the rest reads better as drizzle's.
 */
export type RowsStep = { sql: string; rows: unknown[][]; params: unknown[] }

type Values<T extends Table> = T['$inferInsert']
type Key<T extends Table> = keyof Values<T> & string

const compiled = new Map<string, string>()
const isPostgres = () => env.database.dialect === 'postgres'

/** Inserts rows; of each the same columns are written, undefined as null. `orKeep`: a row that is there already stays as it is. */
export function insertRows<T extends Table>(table: T, keys: Key<T>[], rows: Values<T>[], { orKeep = false } = {}): RowsStep {
  const columns = columnsOf(table, keys)
  const sql = compile(`insert ${getTableName(table)} ${keys} ${orKeep}`, () => {
    const into = `insert into ${quoted(getTableName(table))} (${columns.map(({ name }) => quoted(name)).join(', ')})`
    const values = isPostgres() ? `select * from ${unnested(columns)}` : `values (${columns.map(() => '?').join(', ')})`
    return `${into} ${values}${orKeep ? ' on conflict do nothing' : ''}`
  })
  return step(sql, columns, rows as Record<string, unknown>[], keys)
}

/** Changes `set` of the rows with these ids, where `state`, when given, is still the one that is named. */
export function updateRows<T extends Table>(
  table: T,
  set: Key<T>[],
  rows: (Partial<Values<T>> & { id: string })[],
  { state }: { state?: string } = {},
): RowsStep {
  const keys = [...set, 'id' as Key<T>]
  const columns = columnsOf(table, keys)
  const name = getTableName(table)
  const sql = compile(`update ${name} ${keys} ${state}`, () => {
    const changed = columns.slice(0, -1)
    const still = state ? ` and ${quoted(name)}.state = '${state}'` : ''
    if (!isPostgres()) return `update ${quoted(name)} set ${changed.map(column => `${quoted(column.name)} = ?`).join(', ')} where id = ?${still}`
    const assigned = changed.map(column => `${quoted(column.name)} = v.${quoted(column.name)}`)
    return `update ${quoted(name)} set ${assigned.join(', ')} from ${unnested(columns)} where ${quoted(name)}.id = v.id${still}`
  })
  return step(sql, columns, rows as Record<string, unknown>[], keys)
}

function compile(key: string, make: () => string): string {
  const found = compiled.get(key)
  if (found) return found
  const sql = make()
  compiled.set(key, sql)
  return sql
}

function columnsOf(table: Table, keys: string[]): Column[] {
  const all = getTableColumns(table)
  return keys.map(key => {
    const column = all[key]
    if (!column) throw new Error(`${getTableName(table)} has no column ${key}`)
    return column
  })
}

const quoted = (name: string) => `"${name}"`
const unnested = (columns: Column[]) =>
  `unnest(${columns.map((column, i) => `$${i + 1}::${column.getSQLType()}[]`).join(', ')}) as v(${columns.map(({ name }) => quoted(name)).join(', ')})`

function step(sql: string, columns: Column[], rows: Record<string, unknown>[], keys: string[]): RowsStep {
  const driven = rows.map(row =>
    columns.map((column, i) => {
      const value = row[keys[i] as string]
      return value === undefined || value === null ? null : column.mapToDriverValue(value)
    }),
  )
  return isPostgres() ? { sql, rows: driven, params: columns.map((_, i) => driven.map(row => row[i])) } : { sql, rows: driven, params: [] }
}
