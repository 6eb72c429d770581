import { type Column, getTableColumns, type Table } from 'drizzle-orm'
import { getTableName } from 'drizzle-orm/table'
import { env } from '../lib/env'

/**
 * Many rows of one table, written by one statement that is compiled once: SQLite runs it row by row, PostgreSQL
 * takes the columns as arrays, but for a row that is inserted alone. `rows` is for the one, `params` for the other. What the
 * engine writes for every message goes this way; the rest reads better as drizzle's.
 */
export type RowsStep = { sql: string; rows: unknown[][]; params: unknown[]; mustMatch?: boolean; afterCommit?: () => void }

type Values<T extends Table> = T['$inferInsert']
type Key<T extends Table> = keyof Values<T> & string

const compiled = new Map<string, string>()
const isPostgres = () => env.database.dialect === 'postgres'

/**
 * Inserts rows; of each the same columns are written, undefined as null. What is large is better inserted row by row: in an array
 * PostgreSQL gets it escaped once more, or as hexadecimal digits. `orKeep`: a row that is there already stays as it is.
 * `key` and `add`: one whose key is there already adds to the columns in `add`.
 */
export function insertRows<T extends Table>(
  table: T,
  keys: Key<T>[],
  rows: Values<T>[],
  { orKeep = false, key = [], add = [] }: { orKeep?: boolean; key?: Key<T>[]; add?: Key<T>[] } = {},
): RowsStep {
  const columns = columnsOf(table, keys)
  const isAlone = isPostgres() && rows.length === 1
  const sql = compile(`insert ${getTableName(table)} ${keys} ${orKeep} ${key} ${add} ${isAlone}`, () => {
    const name = quoted(getTableName(table))
    const names = (some: Column[]) => some.map(column => quoted(column.name)).join(', ')
    const added = columnsOf(table, add).map(column => `${quoted(column.name)} = ${name}.${quoted(column.name)} + excluded.${quoted(column.name)}`)
    const onConflict = key.length > 0 ? ` on conflict (${names(columnsOf(table, key))}) do update set ${added.join(', ')}` : ''
    const marks = columns.map((_, i) => (isPostgres() ? `$${i + 1}` : '?')).join(', ')
    const values = isPostgres() && !isAlone ? `select * from ${unnested(columns)} where true` : `values (${marks})`
    return `insert into ${name} (${names(columns)}) ${values}${orKeep ? ' on conflict do nothing' : onConflict}`
  })
  const described = step(sql, columns, rows as Record<string, unknown>[], keys)
  return isAlone ? { ...described, params: (described.params as unknown[][]).map(([value]) => value) } : described
}

/** Changes `set` of the rows with these ids, as long as they still are as `where` says and `holds`, a constant text of SQL. `mustMatch` undoes the whole write when none is. */
export function updateRows<T extends Table>(
  table: T,
  set: Key<T>[],
  rows: (Partial<Values<T>> & { id: string })[],
  { where = {}, holds, mustMatch = false }: { where?: Partial<Values<T>>; holds?: string; mustMatch?: boolean } = {},
): RowsStep {
  const keys = [...set, 'id' as Key<T>]
  const columns = columnsOf(table, keys)
  const still = columnsOf(table, Object.keys(where))
  const isJoined = isPostgres() && rows.length !== 1
  const sql = compile(`update ${getTableName(table)} ${keys} where ${Object.keys(where)} ${holds} ${isJoined}`, () => {
    const name = quoted(getTableName(table))
    const mark = (i: number) => (isPostgres() ? `$${i + 1}` : '?')
    const idMark = mark(columns.length - 1)
    const conditions = still.map((column, i) => `${name}.${quoted(column.name)} = ${mark(columns.length + i)}`)
    if (holds) conditions.push(holds)
    // in a form that no index answers: whatever PostgreSQL's planner believes, it reads the rows of these ids and no others
    const rest = conditions.length > 0 ? ` and (${conditions.join(' and ')}) is true` : ''
    const assigned = (value: (column: Column, i: number) => string) =>
      columns
        .slice(0, -1)
        .map((column, i) => `${quoted(column.name)} = ${value(column, i)}`)
        .join(', ')
    if (!isJoined) return `update ${name} set ${assigned((_, i) => mark(i))} where ${name}.id = ${idMark}${rest}`
    const each = assigned(column => `v.${quoted(column.name)}`)
    return `update ${name} set ${each} from ${unnested(columns)} where ${name}.id = v.id and ${name}.id = any(${idMark}::text[])${rest}`
  })
  const { rows: described, params } = step(sql, columns, rows as Record<string, unknown>[], keys)
  const asked = still.map((column, i) => column.mapToDriverValue(Object.values(where)[i]))
  for (const row of described) row.push(...asked)
  const values = isJoined ? params : (params as unknown[][]).map(([value]) => value)
  return { sql, rows: described, params: [...values, ...asked], mustMatch }
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
  const driven = (row: Record<string, unknown>, i: number) => {
    const value = row[keys[i] as string]
    return value === undefined || value === null ? null : (columns[i] as Column).mapToDriverValue(value)
  }
  if (isPostgres()) return { sql, rows: [], params: columns.map((_, i) => rows.map(row => driven(row, i))) }
  return { sql, rows: listOf(rows.length, at => listOf(columns.length, i => driven(rows[at] as Record<string, unknown>, i))), params: [] }
}

/** What `map` gives counts as an array that may have holes, and structured clone writes those key by key: twice the work on its way to the thread that writes. */
function listOf<T>(length: number, valueAt: (i: number) => T): T[] {
  const list: T[] = []
  for (let i = 0; i < length; i++) list.push(valueAt(i))
  return list
}
