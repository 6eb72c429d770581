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
import { isClockApart } from './clock-apart'
import { drainAccount, type Engine } from './drain-account'
import { keepHouse } from './housekeeping'
import { againMs } from './insist'
import { claimAccounts } from './lease'
import { Shares } from './shares'
import { listenForWork } from './wake-ups'

const accountsAtOnce = 48
const testsAtOnce = 8
const lingerMs = 250
const gatherMs = 10 // looks for work that often at most
const settleMs = 4 * againMs

export type EngineOptions = Platform & { signal: AbortSignal; engineId: string; pollMs?: number; graceMs?: number; deadlineMs?: number; lastAnswerMs?: number }

/**
 * Sends mail until the signal: leases accounts with something due, drains several at a time, tests ahead of all else.
 * At the signal it begins nothing more, lets what runs finish for a few seconds, waits a minute more for the answer to what was handed
 * over whole, and gives every lease back.
 */
export const runEngine = (db: Db, options: EngineOptions): Promise<void> => new EngineRun(db, options).run()

class EngineRun {
  private readonly signal: AbortSignal
  private readonly pollMs: number
  private readonly graceMs: number
  private readonly aborter = new AbortController()
  private readonly engine: Engine
  private readonly draining = { test: new Map<string, Account>(), mail: new Map<string, Account>() }
  private readonly running = new Set<Promise<void>>()
  private readonly listeners = new Set<{ accountId: string; listener: () => void }>()
  private othersWait = false
  private mayHaveWork = false
  private endWait: () => void = () => undefined
  private houseKeptAt = 0
  private wasAway = false
  private isClockApart = false

  constructor(
    private readonly db: Db,
    { signal, engineId, pollMs = 250, graceMs = seconds(5), ...platform }: EngineOptions,
  ) {
    this.signal = signal
    this.pollMs = pollMs
    this.graceMs = graceMs
    setMaxListeners(0, this.aborter.signal, signal) // one for each message that is being sent
    this.engine = {
      ...platform,
      id: engineId,
      stopping: signal,
      aborting: this.aborter.signal,
      lingerMs,
      sessions: new SessionPool(),
      shares: new Shares(),
      begun: new Map(),
      othersWait: () => this.othersWait,
      onWork: (accountId, listener) => {
        const waiting = { accountId, listener }
        this.listeners.add(waiting)
        return () => this.listeners.delete(waiting)
      },
    }
  }

  async run(): Promise<void> {
    const work = await listenForWork(this.db, woken => {
      for (const { accountId, listener } of this.listeners) if (!woken || woken.includes(accountId)) listener()
      if (!woken?.every(id => this.isDrained(id))) this.wake() // whoever drains an account sees what comes for it, or wakes us when it gives it back
    })
    while (!this.signal.aborted) {
      try {
        if (this.wasAway) await this.settle()
        if (Math.abs(Date.now() - this.houseKeptAt) > seconds(10)) await this.keepHouse()
        this.mayHaveWork = false
        if (this.isClockApart) await this.pause(1000)
        else {
          await this.take('test', testsAtOnce)
          await this.take('mail', accountsAtOnce)
        }
      } catch (error) {
        log.error({ event: 'engineTick', engineId: this.engine.id, err: error }, 'the engine could not look for work')
        this.wasAway = isStorageAway(error)
        await this.pause(1000)
      }
      await this.pause(gatherMs)
      await this.untilWork()
    }
    const grace = setTimeout(() => this.aborter.abort(), this.graceMs)
    await Promise.all(this.running)
    clearTimeout(grace)
    this.engine.sessions.close()
    await work.close()
  }

  /** When the database takes writes again, leases may have run out: whoever knows an outcome writes it before others take the account. */
  private async settle(): Promise<void> {
    await atomically(this.db, tx => [tx.update(installations).set({ mode: sql`${installations.mode}` })])
    await this.pause(settleMs)
    this.wasAway = false
  }

  /** What goes wrong here must not keep mail from leaving. */
  private async keepHouse(): Promise<void> {
    const { begun, id: engineId } = this.engine
    this.houseKeptAt = Date.now()
    const isOver = (lately: number[]) => (lately.at(-1) ?? 0) < now().getTime() - minutes(1)
    for (const [accountId, lately] of begun) if (isOver(lately) && !this.draining.mail.has(accountId)) begun.delete(accountId)
    this.isClockApart = await isClockApart(this.db)
    if (this.isClockApart)
      return log.error({ event: 'clockApart', engineId }, 'this machine’s clock and the database’s differ by seconds: this engine sends nothing')
    await keepHouse(this.db).catch(error => log.error({ event: 'housekeeping', engineId, err: error }, 'the house could not be kept'))
  }

  private async take(queue: 'test' | 'mail', limit: number): Promise<void> {
    const inWork = this.draining[queue]
    const busy = new Map<string, number>()
    for (const { tenantId } of inWork.values()) busy.set(tenantId, (busy.get(tenantId) ?? 0) + 1)
    const free = limit - inWork.size
    const claimed = await claimAccounts(this.db, this.engine.id, { limit: free, queue, busy, mostOfOne: limit / 2, except: inWork })
    if (queue === 'mail') this.othersWait = claimed.length >= free // as many as there was room for: there may be more
    for (const account of claimed) {
      inWork.set(account.id, account)
      const drain = this.drain(account).finally(() => {
        inWork.delete(account.id)
        this.running.delete(drain)
        this.wake()
      })
      this.running.add(drain)
    }
  }

  private async drain(account: Account): Promise<void> {
    try {
      await drainAccount(this.db, this.engine, account)
    } catch (error) {
      log.error({ event: 'drain', accountId: account.id, err: error }, 'an account could not be drained')
      await this.pause(1000) // its lease was given back; something is wrong, do not spin
    }
  }

  private readonly isDrained = (accountId: string) => this.draining.test.has(accountId) || this.draining.mail.has(accountId)

  private wake(): void {
    this.mayHaveWork = true // said while the engine looks, it looks again
    this.endWait()
  }

  /** Until something was queued, a place became free, or it is time to look for what has become due. */
  private async untilWork(): Promise<void> {
    if (this.mayHaveWork) return
    const woken = new Promise<void>(resolve => {
      this.endWait = resolve
    })
    await Promise.race([woken, this.pause(this.pollMs)])
  }

  private pause(ms: number): Promise<void> {
    if (this.signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const end = () => {
        clearTimeout(timer)
        this.signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      this.signal.addEventListener('abort', end)
    })
  }
}
