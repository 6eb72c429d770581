import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '@/db/client'
import type { Account } from '@/db/schema'
import type { Platform } from '@/lib/account/account-server'
import { seconds } from '@/lib/clock'
import { log } from '@/lib/log'
import { drainAccount, type Engine } from './drain-account'
import { keepHouse } from './housekeeping'
import { claimAccounts } from './lease'

const accountsAtOnce = 16
const testsAtOnce = 8

export type EngineOptions = Platform & { signal: AbortSignal; engineId: string; pollMs?: number; graceMs?: number; deadlineMs?: number }

/**
 * Sends mail until the signal: leases accounts with something due, drains several at a time, tests ahead of all else.
 * At the signal it begins nothing more, lets what runs finish for a few seconds, and gives every lease back.
 */
export async function runEngine(db: Db, { signal, engineId, pollMs = 250, graceMs = seconds(5), ...platform }: EngineOptions): Promise<void> {
  const aborter = new AbortController()
  const engine: Engine = { ...platform, id: engineId, stopping: signal, aborting: aborter.signal }
  const draining = { test: new Map<string, Promise<void>>(), mail: new Map<string, Promise<void>>() }
  let houseKeptAt = 0

  while (!signal.aborted) {
    try {
      if (Date.now() - houseKeptAt > seconds(10)) {
        await keepHouse(db)
        houseKeptAt = Date.now()
      }
      await take('test', testsAtOnce)
      await take('mail', accountsAtOnce)
    } catch (error) {
      log.error({ event: 'engineTick', err: error }, 'the engine could not look for work')
      await pause(1000)
    }
    await pause(pollMs)
  }

  const grace = setTimeout(() => aborter.abort(), graceMs)
  await Promise.all([...draining.test.values(), ...draining.mail.values()])
  clearTimeout(grace)

  async function take(queue: 'test' | 'mail', limit: number): Promise<void> {
    const running = draining[queue]
    for (const account of await claimAccounts(db, engineId, { limit: limit - running.size, queue })) {
      running.set(
        account.id,
        drainOne(account).finally(() => running.delete(account.id)),
      )
    }
  }

  async function drainOne(account: Account): Promise<void> {
    try {
      await drainAccount(db, engine, account)
    } catch (error) {
      log.error({ event: 'drain', accountId: account.id, err: error }, 'an account could not be drained')
      await pause(1000) // its lease was given back; something is wrong, do not spin
    }
  }

  async function pause(ms: number): Promise<void> {
    if (signal.aborted) return
    const over = new AbortController()
    await Promise.race([
      wait(ms, undefined, { signal: over.signal }).catch(() => undefined),
      once(signal, 'abort', { signal: over.signal }).catch(() => undefined),
    ])
    over.abort()
  }
}
