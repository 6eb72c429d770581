import pg from 'pg'
import { expect, test } from 'vitest'
import { type Db, poolOf } from '@/db/client'
import { messages } from '@/db/schema'
import { env } from '@/lib/env'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'

const large = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura', text: 'W załączeniu. '.repeat(20_000) }

/** PostgreSQL that lets nobody in, SQLite on a full disk; `isOver` ends it. */
async function takeAway(db: Db): Promise<{ isOver(): Promise<void> }> {
  if (!isPostgres) {
    const pages = db.$client.pragma('page_count', { simple: true })
    db.$client.pragma(`max_page_count = ${pages}`)
    return {
      async isOver() {
        db.$client.pragma('max_page_count = 1000000')
      },
    }
  }
  const { rows } = await poolOf(db).query('select current_database() as name')
  const operator = new pg.Client({ connectionString: new URL('/postgres', env.database.url).href })
  await operator.connect()
  await operator.query(`alter database ${rows[0].name} allow_connections false`)
  await operator.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [rows[0].name])
  return {
    async isOver() {
      await operator.query(`alter database ${rows[0].name} allow_connections true`)
      await operator.end()
    },
  }
}

test('while the database is away a program is told to come again, and then the same request is queued once', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const ask = () => api.ask('/messages', { body: large, headers: { 'idempotency-key': 'faktura-1' } })
  const { isOver } = await takeAway(db)
  const refused = await ask()
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'unavailable', field: null } } })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  await isOver()
  expect(await ask()).toMatchObject({ status: 202 })
  expect(await ask()).toMatchObject({ status: 202 })
  expect(await db.select({ id: messages.id }).from(messages)).toHaveLength(1)
})
