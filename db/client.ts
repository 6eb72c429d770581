import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import path from 'node:path'
import Database from 'better-sqlite3'
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3'
import { migrate as migrateSqlite } from 'drizzle-orm/better-sqlite3/migrator'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import { migrate as migratePostgres } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { env } from '../lib/env'
import { log } from '../lib/log'
import { withoutValues } from './query-failed'
import * as schema from './schema'
import { forWriting, keepStatistics } from './sqlite-connection'

type SqliteDb = ReturnType<typeof openSqlite>

/** The database, whichever of the two it is. Written against SQLite's types; PostgreSQL answers the same calls. */
export type Db = SqliteDb

let shared: Db | undefined

/** `isPatient`: for an operator's command, whose statements over everything take as long as they take. */
type Opening = { isPatient?: boolean }

/** This process's database, opened at first use. */
export function getDb(opening?: Opening): Db {
  shared ??= openDb(opening)
  return shared
}

/** This process's database when it has been opened; asking does not open it. */
export const openedDb = (): Db | undefined => shared

/** A database of its own, which its caller closes; most want `getDb`. Its tables may be those of another build, or missing. */
export function openDb({ isPatient = false }: Opening = {}): Db {
  if (env.database.dialect === 'sqlite') return openSqlite(env.database.file)
  const { url } = env.database
  return openPostgres(url, { answerMs: isPatient ? null : answerMsOf(url) }) as unknown as Db
}

/** Brings the tables to this build's state. Two processes may call it at once; one of them does the work. */
export async function migrateDb(db: Db): Promise<void> {
  const migrationsFolder = path.resolve(`db/migrations/${env.database.dialect}`)
  if (env.database.dialect === 'sqlite') {
    migrateSqlite(db, { migrationsFolder })
    return keepStatistics(db.$client) // a table that is made anew loses them
  }
  const patient = openPostgres(env.database.url, { answerMs: null }) // an index of a million rows takes its time
  try {
    const client = await patient.$client.connect()
    try {
      await client.query('select pg_advisory_lock(740921)')
      await migratePostgres(patient, { migrationsFolder })
    } finally {
      client.release(true) // the lock ends with its connection
    }
  } finally {
    await patient.$client.end()
  }
}

/** When the newest migration that this database has was made; 0 when it has none. */
export async function lastMigrationAt(db: Db): Promise<number> {
  if (env.database.dialect === 'postgres') {
    const { rows } = await poolOf(db).query('select max(created_at) as at from drizzle.__drizzle_migrations')
    return Number(rows[0]?.at ?? 0)
  }
  const row = db.$client.prepare('select max(created_at) as at from __drizzle_migrations').get() as { at: number | null }
  return Number(row.at ?? 0)
}

/** Ends its connections; if it was this process's, `getDb` opens another. */
export async function closeDb(db: Db): Promise<void> {
  if (shared === db) shared = undefined
  if (env.database.dialect === 'postgres') await poolOf(db).end()
  else db.$client.close()
}

/** On PostgreSQL alone: its connections. */
export const poolOf = (db: Db) => (db as unknown as ReturnType<typeof openPostgres>).$client as pg.Pool

/** Everybody's mail is in it: only this user may read it, whatever folder it is in. SQLite gives its journals the same mode. */
export function openSqlite(file: string) {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  keepPrivate(file)
  return drizzleSqlite(forWriting(new Database(file)), { schema })
}

/** Made here before SQLite does, which would go by the umask. One that an older build made is closed to others, with its journals. */
function keepPrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
  for (const name of [file, `${file}-wal`, `${file}-shm`]) {
    const found = statSync(/* turbopackIgnore: true */ name, { throwIfNoEntry: false })
    if (found && found.mode & 0o077 && found.uid === process.getuid?.()) chmodSync(name, 0o600)
  }
}

/**
 * What finds a few rows among many goes by an index: PostgreSQL's own 4.0 is for disks that turn, and made it read whole tables
 * for a batch of ids, at twice the cost of a message (postgresql.org/docs/current/runtime-config-query.html). Not in the start-up
 * options, which poolers refuse.
 */
const planForSolidState = 'set random_page_cost = 1.1'

/** No plan reads a whole table, however small it is while it is planned; before 18, what is ruled out also looked dear enough to be compiled. */
const planByIndex = 'set enable_seqscan = off; set jit = off'

const keeping = new WeakSet<Db>()

/**
 * For what runs the same few statements all day: on PostgreSQL each connection keeps their plans, which are by index, so that
 * they do not depend on the moment they were made (docs/decisions/kept-plans-go-by-index.md). Before the first query.
 */
export function keepPlans(db: Db): void {
  keeping.add(db)
}

/** Whether `keepPlans` was asked for. */
export const keepsPlans = (db: Db): boolean => keeping.has(db)

export const connectMs = 10_000
const answersWithinMs = 20_000 // shorter than a lease, and far longer than any statement of web and engine takes

/** `answerMs` null: as long as it takes. */
function openPostgres(url: string, { answerMs }: { answerMs: number | null }) {
  const pool: pg.Pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: connectMs,
    onConnect(client) {
      watch?.(client)
      return client.query(keepsPlans(db as unknown as Db) ? `${planForSolidState}; ${planByIndex}` : planForSolidState)
    },
  })
  // without listeners, those that the pool keeps and those that are in use, the end of a connection would end the process
  pool.on('error', error => log.warn({ event: 'idleConnectionLost', err: error }, 'PostgreSQL closed an idle connection'))
  pool.on('connect', client => client.on('error', error => log.debug({ event: 'connectionLost', err: error }))) // who uses it gets the error, too
  pool.on('connect', withoutValues)
  const watch = answerMs === null ? null : silenceOf(pool, answerMs)
  const db = drizzlePostgres(pool, { schema })
  return db
}

/** How long PostgreSQL may say nothing, as its URL has it. Without `new URL`, to which a URL that names its host in a parameter is none. */
export const answerMsOf = (url: string) => Number(new URLSearchParams(url.split('?')[1]).get('answer_timeout')) || answersWithinMs

/**
 * A server that says nothing at all, as when its machine is gone or a firewall drops what is sent: TCP alone would wait a quarter of an
 * hour. Gives what watches a connection, from before its first statement on. By one timer of each: those that node-postgres sets for each
 * query outlive it, and cost an engine 80 MB.
 */
function silenceOf(pool: pg.Pool, answerMs: number): (client: pg.ClientBase) => void {
  const inUse = new WeakSet<pg.ClientBase>()
  pool.on('acquire', client => inUse.add(client))
  pool.on('release', (_error, client) => inUse.delete(client))
  return client => {
    const stream = socketOf(client)
    inUse.add(client)
    stream.setTimeout(answerMs, () => {
      if (inUse.has(client)) stream.destroy(Object.assign(new Error(`PostgreSQL said nothing for ${answerMs} ms`), { code: 'ETIMEDOUT' }))
    })
  }
}

const socketOf = (client: pg.ClientBase): Socket => (client as unknown as { connection: { stream: Socket } }).connection.stream

/** Says goodbye to PostgreSQL and waits a second at most: one that is gone answers to nothing. */
export async function endConnection(client: pg.Client): Promise<void> {
  const late = setTimeout(() => socketOf(client).destroy(), 1000)
  await client.end().catch(() => undefined)
  clearTimeout(late)
}
