import { inspect } from 'node:util'
import { sql } from 'drizzle-orm'
import pino from 'pino'
import { describe, expect, test } from 'vitest'
import { newId } from '@/lib/id'
import { isPostgres, testDb } from '@/lib/testing/database'
import { atomically } from './atomically'
import { type Db, poolOf } from './client'
import { isStorageAway } from './is-storage-away'
import { insertRows } from './rows'
import { tenants } from './schema'

const company = (name: string) => ({ id: newId(), slug: 'acme', name, createdAt: new Date() })

/** All that a log, Next or Node prints of an error. */
async function printed(failing: PromiseLike<unknown>): Promise<string> {
  const error = await failing.then(
    () => null,
    (reason: Error) => reason,
  )
  return inspect(error, { depth: 9 }) + JSON.stringify(error && pino.stdSerializers.err(error))
}

const refuseTexts = (db: Db) => poolOf(db).query(`alter table tenant add constraint no_secrets check (name not like '%tajne%')`)

describe.skipIf(!isPostgres)('what PostgreSQL could not do', () => {
  test('is said with its statement and the reason, and without a value', async () => {
    await using db = await testDb()
    await refuseTexts(db)
    const said = await printed(db.insert(tenants).values(company('tajne')))
    expect(said).toContain('insert into "tenant"')
    expect(said).toContain('no_secrets')
    expect(said).not.toContain('tajne')
  })

  test('nor with one in a write of several statements, or in one that drizzle did not make', async () => {
    await using db = await testDb()
    await refuseTexts(db)
    const rows = () => insertRows(tenants, ['id', 'slug', 'name', 'createdAt'], [company('tajne')])
    const several = await printed(atomically(db, () => [rows(), rows()]))
    const raw = await printed(poolOf(db).query('insert into tenant (id, slug, name, created_at) values ($1, $1, $1, now())', ['tajne']))
    for (const said of [several, raw]) {
      expect(said).toContain('no_secrets')
      expect(said).not.toContain('tajne')
    }
  })

  test('is still known for a database that is away', async () => {
    await using db = await testDb()
    await db.insert(tenants).values(company('acme'))
    const cut = db.select({ cut: sql`pg_terminate_backend(pg_backend_pid())` }).from(tenants)
    await expect(cut).rejects.toSatisfy(isStorageAway)
  })
})
