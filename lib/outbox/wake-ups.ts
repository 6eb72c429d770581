import { BroadcastChannel, getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import pg from 'pg'
import { answerMsOf, connectMs, type Db, endConnection, openedDb, poolOf } from '@/db/client'
import { seconds } from '@/lib/clock'
import { env } from '@/lib/env'
import { newId } from '@/lib/id'
import { log } from '@/lib/log'

const channel = 'posthorn_due'
const gatherMs = 10 // other threads and processes are told that often at most

/** Accounts in whose queues something may be due; null: any account's. */
export type Woken = readonly string[] | null
type Listener = (woken: Woken) => void

const mostNamed = 200 // ids of 26 characters: a notification of PostgreSQL carries less than 8 000 bytes

/** Engines of this thread that wait for work, each with what it wants to be called when there is some. */
const listeners = new Set<Listener>()
let quiet: NodeJS.Timeout | null = null // since others were told
let untold: Set<string> | 'any' = new Set()

const hear = (woken: Woken) => {
  for (const listener of listeners) listener(woken)
}

/** Other threads of this process. */
const threads = new BroadcastChannel(channel)
threads.unref()
threads.onmessage = ({ data }) => hear(data as Woken)

/** One name for all threads of a process, which hear of its work without PostgreSQL. */
const processName = (getEnvironmentData(channel) as string | undefined) ?? newId()
setEnvironmentData(channel, processName)

/**
 * Tells engines that something was queued in these accounts: those of this thread at once, others at once and then every few
 * milliseconds, those of other processes through PostgreSQL. Called after the commit. Nothing is lost when nobody hears: engines
 * look for themselves, too.
 */
export function wakeEngines(woken: Woken = null): void {
  hear(woken)
  if (woken === null) untold = 'any'
  else if (untold !== 'any') for (const id of woken) untold.add(id)
  if (!quiet) tellOthers()
}

function tellOthers(): void {
  quiet = null
  if (untold !== 'any' && untold.size === 0) return
  const woken = untold === 'any' || untold.size > mostNamed ? null : [...untold]
  untold = new Set()
  quiet = setTimeout(tellOthers, gatherMs).unref()
  threads.postMessage(woken)
  const db = openedDb()
  if (env.database.dialect !== 'postgres' || !db) return
  void poolOf(db)
    .query('select pg_notify($1, $2)', [channel, [processName, ...(woken ?? [])].join(' ')])
    .catch(() => undefined)
}

/** Calls back when work may have come, until it is closed. On SQLite it also sees what other processes committed. */
export async function listenForWork(db: Db, onWork: Listener): Promise<{ close(): Promise<void> }> {
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
function watchSqlite(db: Db, onWork: Listener): () => void {
  const read = () => db.$client.pragma('data_version', { simple: true })
  let seen = read()
  const timer = setInterval(() => {
    try {
      const version = read()
      if (version === seen) return
      seen = version
    } catch {
      return // the file is away for a moment: whoever needs it says so, and engines look for themselves
    }
    onWork(null)
  }, 20).unref()
  return () => clearInterval(timer)
}

async function listenOnPostgres(url: string, onWork: Listener): Promise<() => Promise<void>> {
  let client: pg.Client | null = null
  let isOver = false
  const connect = async (): Promise<void> => {
    if (isOver) return
    const kept = { keepAlive: true, keepAliveInitialDelayMillis: seconds(60) } // it is silent for long, and firewalls forget who is
    const next = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectMs, query_timeout: answerMsOf(url), ...kept })
    next.on('notification', ({ payload = '' }) => {
      const [teller, ...woken] = payload.split(' ')
      if (teller !== processName) onWork(woken.length > 0 ? woken : null)
    })
    next.on('error', () => undefined)
    next.on('end', () => void setTimeout(() => void connect(), 1000).unref())
    try {
      await next.connect()
      await next.query(`listen ${channel}`)
      client = next
    } catch (error) {
      log.warn({ event: 'notListening', err: error }, 'engines are not woken by PostgreSQL, and look for themselves')
    }
    if (isOver || client !== next) await endConnection(next) // one that does not listen: its end brings the next one
  }
  await connect()
  return async () => {
    isOver = true
    if (client) await endConnection(client)
  }
}
