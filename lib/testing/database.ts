import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { closeDb, type Db, migrateDb, openDb, poolOf } from '@/db/client'
import { installations } from '@/db/schema'
import { env } from '@/lib/env'

export const isPostgres = env.database.dialect === 'postgres'

/**
 * A fresh, migrated database of this project's kind, gone at the end of the block: `await using db = await testDb()`.
 * The last one made is also what `getDb()` opens. It is a sandbox's, or nobody has prepared it.
 */
export async function testDb({ isPrepared = true } = {}): Promise<Db & AsyncDisposable> {
  const db = await (isPostgres ? onPostgres() : onSqlite())
  if (!isPrepared) await db.delete(installations)
  return db
}

async function onSqlite(): Promise<Db & AsyncDisposable> {
  const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-db-'))
  Object.assign(env.database, { file: path.join(folder, 'posthorn.db') })
  const db = openDb()
  await migrateDb(db)
  await db.insert(installations).values({ id: 'this', mode: 'sandbox', createdAt: new Date() })
  return disposable(db, async () => rmSync(folder, { recursive: true, force: true }))
}

/** Copied from the template that the run's set-up has migrated: a few dozen milliseconds each. */
async function onPostgres(): Promise<Db & AsyncDisposable> {
  const server = process.env.TEST_POSTGRES_SERVER
  if (!server) throw new Error('Tests on PostgreSQL run in the vitest project postgres')
  const name = `test_${randomBytes(8).toString('hex')}`
  await run(server, `create database ${name} template ${process.env.TEST_POSTGRES_TEMPLATE}`)
  const url = new URL(server)
  url.pathname = name
  Object.assign(env.database, { url: url.href })
  return disposable(openDb(), () => run(server, `drop database ${name} with (force)`))
}

function disposable(db: Db, remove: () => Promise<void>): Db & AsyncDisposable {
  return Object.assign(db, {
    async [Symbol.asyncDispose]() {
      if (!isPostgres || !poolOf(db).ending) await closeDb(db) // unless the test has
      await remove()
    },
  })
}

async function run(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
