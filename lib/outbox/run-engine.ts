import { setMaxListeners } from 'node:events'
import { sql } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { isStorageAway } from '@/db/is-storage-away'
import { type Account, installations } from '@/db/schema'
import type { Platform } from '@/lib/account/account-server'
import { minutes, now, seconds } from '@/lib/clock'
import { log } from '@/lib/log'
import { SessionPool } from '@/lib/transport/session-pool'
import { drainAccount, type Engine } from './drain-account'
import { keepHouse } from './housekeeping'
import { againMs } from './insist'
import { claimAccounts } from './lease'
import { listenForWork } from './wake-ups'

const accountsAtOnce = 48
const testsAtOnce = 8
const lingerMs = 250
const gatherMs = 10 // looks for work that often at most
const settleMs = 4 * againMs

export type EngineOptions = Platform & { signal: AbortSignal; engineId: string; pollMs?: number; graceMs?: number; deadlineMs?: number }

/**
 * Sends mail until the signal: leases accounts with something due, drains several at a time, tests ahead of all else.
 * At the signal it begins nothing more, lets what runs finish for a few seconds, and gives every lease back.
 */
export async function runEngine(db: Db, { signal, engineId, pollMs = 250, graceMs = seconds(5), ...platform }: EngineOptions): Promise<void> {
  const aborter = new AbortController()
  setMaxListeners(0, aborter.signal, signal) // one for each message that is being sent
  const draining = { test: new Map<string, Account>(), mail: new Map<string, Account>() }
  const running = new Set<Promise<void>>()
  const listeners = new Set<() => void>()
  const sessions = new SessionPool()
  const begun = new Map<string, number[]>()
  let othersWait = false
  const engine: Engine = {
    ...platform,
    id: engineId,
    stopping: signal,
    aborting: aborter.signal,
    lingerMs,
    sessions,
    begun,
    othersWait: () => othersWait,
    onWork(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  let mayHaveWork = false
  let endWait: () => void = () => undefined
  const wake = () => {
    mayHaveWork = true // said while the engine looks, it looks again
    endWait()
  }
  const work = await listenForWork(db, () => {
    for (const listener of listeners) listener()
    wake()
  })
  let houseKeptAt = 0
  let wasAway = false

  while (!signal.aborted) {
    try {
      if (wasAway) await settle()
      if (Date.now() - houseKeptAt > seconds(10)) await keepHouseNow()
      mayHaveWork = false
      await take('test', testsAtOnce)
      await take('mail', accountsAtOnce)
    } catch (error) {
      log.error({ event: 'engineTick', engineId, err: error }, 'the engine could not look for work')
      wasAway = isStorageAway(error)
      await pause(1000)
    }
    await pause(gatherMs)
    await untilWork(pollMs)
  }

  const grace = setTimeout(() => aborter.abort(), graceMs)
  await Promise.all(running)
  clearTimeout(grace)
  sessions.close()
  await work.close()

  /** What goes wrong here must not keep mail from leaving. */
  async function keepHouseNow(): Promise<void> {
    houseKeptAt = Date.now()
    for (const [accountId, lately] of begun) if ((lately.at(-1) ?? 0) < now().getTime() - minutes(1) && !draining.mail.has(accountId)) begun.delete(accountId)
    await keepHouse(db).catch(error => log.error({ event: 'housekeeping', engineId, err: error }, 'the house could not be kept'))
  }

  async function take(queue: 'test' | 'mail', limit: number): Promise<void> {
    const inWork = draining[queue]
    const busy = new Map<string, number>()
    for (const { tenantId } of inWork.values()) busy.set(tenantId, (busy.get(tenantId) ?? 0) + 1)
    const free = limit - inWork.size
    const claimed = await claimAccounts(db, engineId, { limit: free, queue, busy, mostOfOne: limit / 2, except: inWork })
    if (queue === 'mail') othersWait = claimed.length >= free // as many as there was room for: there may be more
    for (const account of claimed) {
      inWork.set(account.id, account)
      const drain = drainOne(account).finally(() => {
        inWork.delete(account.id)
        running.delete(drain)
        wake()
      })
      running.add(drain)
    }
  }

  /** When the database takes writes again, leases may have run out: whoever knows an outcome writes it before others take the account. */
  async function settle(): Promise<void> {
    await atomically(db, tx => [tx.update(installations).set({ mode: sql`${installations.mode}` })])
    await pause(settleMs)
    wasAway = false
  }

  /** Until something was queued, a place became free, or it is time to look for what has become due. */
  async function untilWork(ms: number): Promise<void> {
    if (mayHaveWork) return
    const woken = new Promise<void>(resolve => {
      endWait = resolve
    })
    await Promise.race([woken, pause(ms)])
  }

  async function drainOne(account: Account): Promise<void> {
    try {
      await drainAccount(db, engine, account)
    } catch (error) {
      log.error({ event: 'drain', accountId: account.id, err: error }, 'an account could not be drained')
      await pause(1000) // its lease was given back; something is wrong, do not spin
    }
  }

  function pause(ms: number): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal.addEventListener('abort', end)
    })
  }
}
