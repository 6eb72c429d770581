import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Db, poolOf } from '@/db/client'
import { env } from '@/lib/env'
import { isPostgres } from './database'

const run = promisify(execFile)

export type Away = { isBack(): Promise<void> }

/** The database is gone until it is back: PostgreSQL lets nobody in, SQLite has no room, in this process or in that of `pid`. */
export function takeAway(db: Db, pid?: number): Promise<Away> {
  if (isPostgres) return shutOut(db)
  return pid === undefined ? fill(db) : bound(pid)
}

async function shutOut(db: Db): Promise<Away> {
  const { rows } = await poolOf(db).query('select current_database() as name')
  const operator = new pg.Client({ connectionString: new URL('/postgres', env.database.url).href })
  await operator.connect()
  await operator.query(`alter database ${rows[0].name} allow_connections false`)
  await operator.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [rows[0].name])
  return {
    async isBack() {
      await operator.query(`alter database ${rows[0].name} allow_connections true`)
      await operator.end()
    },
  }
}

async function fill(db: Db): Promise<Away> {
  const pages = db.$client.pragma('page_count', { simple: true })
  db.$client.pragma(`max_page_count = ${pages}`)
  return {
    async isBack() {
      db.$client.pragma('max_page_count = 1000000')
    },
  }
}

/** As on a full disk: no file of that process grows any more. `prlimit` is part of util-linux. */
async function bound(pid: number): Promise<Away> {
  const limit = (bytes: string) => run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
  await limit('4096')
  return {
    async isBack() {
      await limit('unlimited')
    },
  }
}
