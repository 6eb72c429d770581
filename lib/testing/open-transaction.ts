import pg from 'pg'
import { expect, vi } from 'vitest'
import { env } from '@/lib/env'

/** On PostgreSQL, a transaction of another process, left open. */
export async function openTransaction() {
  const client = new pg.Client({ connectionString: env.database.url })
  await client.connect()
  await client.query('begin')
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.end()
    },
  }
}

/** When somebody waits for a row that another transaction holds. */
export const untilSomebodyWaits = (client: pg.Client) =>
  vi.waitFor(
    async () => {
      const { rows } = await client.query('select 1 from pg_locks where not granted')
      expect(rows).not.toEqual([])
    },
    { timeout: 15_000 },
  )
