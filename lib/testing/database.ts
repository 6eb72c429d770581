import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { closeDb, type Db, migrateDb, openDb, openSqlite, poolOf } from '@/db/client'
import { env } from '@/lib/env'

/** A migrated, empty database of the dialect under test: a new file on SQLite, this file's database emptied on PostgreSQL. */
export async function testDb(): Promise<Db & AsyncDisposable> {
  return env.database.dialect === 'postgres' ? emptiedPostgres() : newSqlite()
}

async function newSqlite() {
  const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-db-'))
  const db = openSqlite(path.join(folder, 'test.db'))
  await migrateDb(db)
  return Object.assign(db, {
    [Symbol.asyncDispose]: async () => {
      await closeDb(db)
      rmSync(folder, { recursive: true, force: true })
    },
  })
}

async function emptiedPostgres() {
  const db = openDb()
  const pool = poolOf(db)
  await pool.query('drop schema if exists public cascade; drop schema if exists drizzle cascade; create schema public')
  await migrateDb(db)
  return Object.assign(db, { [Symbol.asyncDispose]: () => closeDb(db) })
}
