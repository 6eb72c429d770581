import { type Column, not, type Placeholder, type SQL, sql } from 'drizzle-orm'
import { env } from '../lib/env'
import { type Db, keepsPlans } from './client'

type Query<Row> = PromiseLike<Row[]> & { prepare(name: string): { execute(values: Record<string, unknown>): unknown } }

let named = 0

/**
 * A query with placeholders that drizzle builds once for each database: for reads that every message costs. PostgreSQL plans it each
 * time, but for those who `keepPlans`: a condition and an order must then leave it one index to go by (lib/outbox/kept-plans.test.ts).
 */
export function compiledQuery<Row>(build: (db: Db) => Query<Row>): (db: Db, values: Record<string, unknown>) => Promise<Row[]> {
  const compiled = new WeakMap<Db, ReturnType<Query<Row>['prepare']>>()
  return async (db, values) => {
    const known = compiled.get(db) ?? build(db).prepare(keepsPlans(db) ? `compiled_${++named}` : '')
    compiled.set(db, known)
    return (await known.execute(values)) as Row[]
  }
}

const isPostgres = () => env.database.dialect === 'postgres'

/** In a compiled query: a column is one of a list of any length. The placeholder's value is made by `listed`. */
export const isListed = (column: Column, placeholder: string): SQL =>
  isPostgres() ? sql`${column} = any(${sql.placeholder(placeholder)})` : sql`${column} in (select value from json_each(${sql.placeholder(placeholder)}))`

/** The value of the placeholder of `isListed`, as each database takes a list. */
export const listed = (values: string[]) => (isPostgres() ? values : JSON.stringify(values))

/** In a compiled query: a column is none of such a list, which PostgreSQL hashes; by `<> all` it would compare each row with each. */
export const isNotListed = (column: Column, placeholder: string): SQL =>
  isPostgres() ? sql`${column} not in (select unnest(${sql.placeholder(placeholder)}::text[]))` : not(isListed(column, placeholder))

/** A column is one of a list, however long, which is one parameter: the statement's text stays the same. */
export const isAmong = (column: Column, values: string[]): SQL =>
  isPostgres() ? sql`${column} = any(${sql.param(values)})` : sql`${column} in (select value from json_each(${JSON.stringify(values)}))`

/** In a compiled query: no more rows than a number. SQLite looks at the value of a bare `limit ?` and compiles the statement anew each time it is bound. */
export const mostOf = (placeholder: string) => sql`cast(${sql.placeholder(placeholder)} as integer)` as unknown as Placeholder
