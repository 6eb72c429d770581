import { type Column, type SQL, sql } from 'drizzle-orm'
import { env } from '../lib/env'
import type { Db } from './client'

type Query<Row> = PromiseLike<Row[]> & { prepare(name: string): { execute(values: Record<string, unknown>): unknown } }

/**
 * A query with placeholders that drizzle builds once for each database: for reads that every message costs.
 * `name` is what PostgreSQL keeps its plan under, so it is unique.
 */
export function compiledQuery<Row>(name: string, build: (db: Db) => Query<Row>): (db: Db, values: Record<string, unknown>) => Promise<Row[]> {
  const compiled = new WeakMap<Db, ReturnType<Query<Row>['prepare']>>()
  return async (db, values) => {
    const known = compiled.get(db) ?? build(db).prepare(name)
    compiled.set(db, known)
    return (await known.execute(values)) as Row[]
  }
}

const isPostgres = () => env.database.dialect === 'postgres'

/** In a compiled query: a column is one of a list of any length. The placeholder's value is made by `listed`. */
export const isOneOf = (column: Column, placeholder: string): SQL =>
  isPostgres() ? sql`${column} = any(${sql.placeholder(placeholder)})` : sql`${column} in (select value from json_each(${sql.placeholder(placeholder)}))`

export const listed = (values: string[]) => (isPostgres() ? values : JSON.stringify(values))
