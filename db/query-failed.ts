import { DrizzleQueryError } from 'drizzle-orm'
import { PgPreparedQuery } from 'drizzle-orm/pg-core'
import type pg from 'pg'

/**
 * A query that PostgreSQL could not run, without its parameters. drizzle's own error has them in its message, and whoever is thrown an error
 * prints it: our log, Next and Node. They are passwords' hashes, addresses and texts.
 */
class QueryFailed extends Error {
  constructor({ query, cause }: DrizzleQueryError) {
    super(`Failed query: ${query}`, { cause })
    this.name = 'QueryFailed'
  }
}

type Asking = { queryWithCache(query: string, params: unknown[], run: () => Promise<unknown>): Promise<unknown> }

const asking = PgPreparedQuery.prototype as unknown as Asking // where drizzle makes its error; its types leave it out
const { queryWithCache } = asking
asking.queryWithCache = async function (...asked) {
  try {
    return await queryWithCache.apply(this, asked)
  } catch (error) {
    throw error instanceof DrizzleQueryError ? new QueryFailed(error) : error
  }
}

/** Takes out of what the server says of an error where it quotes values: `Failing row contains (…)`. */
export function withoutValues(client: pg.PoolClient): void {
  const { connection } = client as unknown as { connection: pg.Connection }
  connection.prependListener('errorMessage', (error: pg.DatabaseError) =>
    Object.assign(error, { detail: undefined, where: undefined, internalQuery: undefined }),
  )
}
