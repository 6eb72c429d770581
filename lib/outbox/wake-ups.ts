import { BroadcastChannel } from 'node:worker_threads'
import pg from 'pg'
import { type Db, openedDb, poolOf } from '@/db/client'
import { env } from '@/lib/env'
import { log } from '@/lib/log'

const channel = 'posthorn_due'
const gatherMs = 3 // other threads and processes are told that often at most

/** Engines of this thread that wait for work, each with what it wants to be called when there is some. */
const listeners = new Set<() => void>()
let telling: NodeJS.Timeout | null = null

/** Other threads of this process. */
const threads = new BroadcastChannel(channel)
threads.unref()
threads.onmessage = () => {
  for (const listener of listeners) listener()
}

/**
 * Tells engines that something was queued: those of this process at once, those of others through PostgreSQL. Called after
 * the commit. Nothing is lost when nobody hears: engines look for themselves, too.
 */
export function wakeEngines(): void {
  for (const listener of listeners) listener()
  if (telling) return
  telling = setTimeout(() => {
    telling = null
    threads.postMessage(null)
    const db = openedDb()
    if (env.database.dialect === 'postgres' && db) {
      void poolOf(db)
        .query(`notify ${channel}`)
        .catch(() => undefined)
    }
  }, gatherMs).unref()
}

/** Calls back when work may have come, until it is closed. On SQLite it also sees what other processes committed. */
export async function listenForWork(db: Db, onWork: () => void): Promise<{ close(): Promise<void> }> {
  listeners.add(onWork)
  const stop = env.database.dialect === 'postgres' ? await listenOnPostgres(env.database.url, onWork) : watchSqlite(db, onWork)
  return {
    async close() {
      listeners.delete(onWork)
      await stop()
    },
  }
}

/** `data_version` changes when another connection commits; asking costs a few microseconds. */
function watchSqlite(db: Db, onWork: () => void): () => void {
  const read = () => db.$client.pragma('data_version', { simple: true })
  let seen = read()
  const timer = setInterval(() => {
    const version = read()
    if (version === seen) return
    seen = version
    onWork()
  }, 20).unref()
  return () => clearInterval(timer)
}

async function listenOnPostgres(url: string, onWork: () => void): Promise<() => Promise<void>> {
  let client: pg.Client | null = null
  let isOver = false
  const connect = async (): Promise<void> => {
    if (isOver) return
    const next = new pg.Client({ connectionString: url })
    next.on('notification', onWork)
    next.on('error', () => undefined)
    next.on('end', () => void setTimeout(() => void connect(), 1000).unref())
    try {
      await next.connect()
      await next.query(`listen ${channel}`)
      client = next
    } catch (error) {
      log.warn({ event: 'notListening', err: error }, 'engines are not woken by PostgreSQL, and look for themselves')
    }
  }
  await connect()
  return async () => {
    isOver = true
    await client?.end().catch(() => undefined)
  }
}
