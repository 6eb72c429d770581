import type { Db } from '@/db/client'
import { isStorageAway } from '@/db/is-storage-away'
import type { Account } from '@/db/schema'
import { passwordOf, serverOfAccount } from '@/lib/account/account-server'
import { profileOf } from '@/lib/account/limits'
import { pauseAccount } from '@/lib/account/pause-account'
import { usageOf } from '@/lib/account/usage'
import { after, minutes, now, seconds } from '@/lib/clock'
import { log } from '@/lib/log'
import type { DsnRequest } from '@/lib/transport/dsn'
import { endingText } from '@/lib/transport/ending-text'
import type { PooledSessions } from '@/lib/transport/session-pool'
import type { SubmissionServer, SubmitResult } from '@/lib/transport/submission'
import { submit } from '@/lib/transport/submit'
import type { Allowance } from './allowance'
import { nextBatchSize } from './batch-size'
import type { Engine } from './drain-account'
import type { Hand } from './hand'
import { HoldLook } from './hold'
import { insist } from './insist'
import type { Journal } from './journal'
import { type Lesson, learn, lessonOf, lessonOfQuota } from './learn'
import { type Outcome, outcomeOf } from './outcome'
import { onlyWaiting, uncomposed, waitingOutQuotas } from './result'
import { type Attempt, putBack, rawOf, takeDue } from './take-due'
import { type Broken, quotaRestMs, restAfter } from './waits'

const turnMs = seconds(20) // then others get theirs
const shortTurnMs = 250 // when others wait for a place
const provenMs = minutes(5) // a server that took mail so lately is not asked for proof again

type Means = {
  db: Db
  engine: Engine
  account: Account
  hand: Hand
  server: SubmissionServer
  journal: Journal
  allowance: Allowance
  suspects: number // an engine died over so many: they leave one at a time, so that the next death names its cause
}

/**
 * One turn of an account: takes messages up in batches, hands them over on a few connections at once, and stops when
 * nothing is left, the time is over, the server cannot be reached, or its limits say so. A batch is as much as goes in
 * a fraction of a second, so that what is more urgent never waits behind it.
 */
export class Turn {
  private ready: Attempt[] = []
  private running = 0
  private batch = 1
  private fetchedAt = 0
  private isFetching = false
  private isDry = false // nothing was due when last looked
  private busyAt = performance.now() // when a message was last taken up or done with
  private isProven: boolean // until then one message goes ahead: three wrong passwords at once would lock the account at its server
  private isStopped = false
  private failure: unknown = null
  private notBefore: Date | null = null
  private broken: Broken | null = null // the first that the server answered, or else the last
  private suspects: number
  private lastAcceptedAt: Date | null
  private changed: () => void = () => undefined
  private readonly ends = new Set<Promise<void>>() // outcomes that are being written
  private readonly beganAt = now()
  private readonly sessions: PooledSessions
  private readonly hold: HoldLook

  constructor(private readonly means: Means) {
    this.sessions = means.engine.sessions.of(means.account.id, means.server)
    this.hold = new HoldLook(means.db, means.account.tenantId)
    this.suspects = means.suspects
    this.lastAcceptedAt = means.account.lastAcceptedAt
    this.isProven = this.lastAcceptedAt !== null && this.beganAt.getTime() - this.lastAcceptedAt.getTime() < provenMs
  }

  /** Gives the time before which the account is to be left alone; null: whenever its next message is due. */
  async run(): Promise<Date | null> {
    const { db, account, hand, journal, engine } = this.means
    const stopWaiting = engine.onWork(account.id, () => {
      this.isDry = false
      this.changed()
    })
    try {
      while (this.failure === null) {
        this.startWhatFits()
        if (this.wantsMore()) void this.fetch()
        if (this.running === 0 && !this.isFetching && (!this.mayGoOn() || (this.ready.length === 0 && !(await this.linger())))) break
        if (this.running > 0 || this.isFetching) await this.change()
      }
      while (this.running > 0) await this.change()
      await Promise.allSettled(this.ends) // what ends and what is put back may be noted in one row
      await insist(() => putBack(db, hand, this.ready), engine.aborting)
    } finally {
      stopWaiting()
      await journal.settled()
    }
    if (this.failure !== null) throw this.failure
    return journal.restsUntil ?? (this.broken ? restAfter(this.broken, this.lastAcceptedAt) : this.notBefore)
  }

  private change(): Promise<void> {
    return new Promise(resolve => {
      this.changed = resolve
    })
  }

  /** A connection that is warm waits a moment for the next message, however often it is told in vain. True when one may have come. */
  private async linger(): Promise<boolean> {
    const { lingerMs } = this.means.engine
    if (!this.isDry) return true
    const leftMs = (lingerMs ?? 0) - (performance.now() - this.busyAt)
    if (leftMs <= 0 || !this.isProven) return false
    const over = new Promise<void>(resolve => setTimeout(resolve, leftMs).unref())
    await Promise.race([this.change(), over])
    return !this.isDry
  }

  private mayGoOn(): boolean {
    const { engine } = this.means
    const length = now().getTime() - this.beganAt.getTime()
    return !this.isStopped && this.failure === null && !engine.stopping.aborted && length < (engine.othersWait() ? shortTurnMs : turnMs)
  }

  private wantsMore(): boolean {
    const { length } = this.ready
    if (!this.mayGoOn() || this.isFetching || this.isDry || length > this.batch / 2) return false
    if (this.isOneByOne()) return this.running + length === 0
    return length === 0 || this.means.allowance.room() > length
  }

  private readonly isOneByOne = () => !this.isProven || this.suspects > 0

  private async fetch(): Promise<void> {
    const { db, engine, hand, allowance } = this.means
    this.isFetching = true
    try {
      if (await this.isHeldNow()) return
      if (allowance.room() <= 0) return this.leaveUntil(allowance.freeAt())
      const room = allowance.room() - this.ready.length
      if (room <= 0) return
      this.adaptBatch()
      this.isDry = false
      const taken = await takeDue(db, hand, { limit: Math.min(this.batch, room), aborting: engine.aborting })
      if (taken.length === 0) this.isDry = true
      else this.busyAt = performance.now()
      this.ready.push(...taken)
    } catch (error) {
      this.failure ??= error
    } finally {
      this.isFetching = false
      this.changed()
    }
  }

  private adaptBatch(): void {
    const tookMs = Date.now() - this.fetchedAt
    this.fetchedAt = Date.now()
    this.batch = this.isOneByOne() ? 1 : nextBatchSize(this.batch, { tookMs, least: this.means.allowance.limits.connections })
  }

  private leaveUntil(instant: Date): void {
    this.isStopped = true
    this.notBefore = instant
  }

  private startWhatFits(): void {
    const { allowance, engine } = this.means
    const lanes = this.isOneByOne() ? 1 : engine.shares.of(allowance.limits)
    while (this.ready.length > 0 && this.running < lanes && !this.isStopped && this.failure === null && !engine.stopping.aborted) {
      const next = this.ready[0] as Attempt
      if (!allowance.fits(next.pending.length)) {
        this.leaveUntil(allowance.freeAt(next.pending.length))
        return
      }
      this.ready.shift()
      if (this.suspects > 0) this.suspects--
      allowance.begin(next.pending.length)
      this.running++
      void this.send(next)
    }
  }

  private async send(attempt: Attempt): Promise<void> {
    let isBegun = false
    try {
      if (this.hold.isDue() && (await this.isHeldNow())) return
      const raw = await this.rawOrNone(attempt)
      isBegun = true
      await this.submit(attempt, raw)
    } catch (error) {
      this.failure ??= error
    } finally {
      if (!isBegun) this.ready.unshift(attempt)
      this.running--
      this.busyAt = performance.now()
      this.changed()
    }
  }

  /** A hold acts at the last moment: what has not been begun stays. */
  private async isHeldNow(): Promise<boolean> {
    if (!(await this.hold.isHeld())) return false
    this.leaveUntil(after(now(), seconds(60)))
    return true
  }

  /** Its bytes; null when they cannot be made. @throws when they cannot be read, which says nothing about the message */
  private async rawOrNone(attempt: Attempt): Promise<Buffer | null> {
    const { db, engine } = this.means
    try {
      return await insist(() => rawOf(db, attempt), engine.aborting)
    } catch (error) {
      if (isStorageAway(error)) throw error
      log.error({ event: 'compose', messageId: attempt.message.id, err: error }, 'a message could not be composed')
      return null
    }
  }

  private async submit(attempt: Attempt, raw: Buffer | null): Promise<void> {
    const result = raw ? await this.result(attempt, raw) : uncomposed(attempt)
    const outcome = outcomeOf(attempt, result)
    const written = this.writeDown(attempt, outcome)
    this.goBy(attempt, outcome)
    if (result.outcome === 'accepted') return
    const { db, account, hand } = this.means
    const lesson = await this.lesson(result, written)
    if (lesson) await learn(db, account, hand.lease, lesson)
    if (!result.pauseReason) return
    await written
    if (!(await this.isStillSo())) return // another password was typed while the old one was refused
    await pauseAccount(db, account, hand.lease.number, { reason: result.pauseReason, text: endingText(result) })
  }

  /** Begins to write down how an attempt ended; settles when that stands in the database. */
  private writeDown(attempt: Attempt, outcome: Outcome): Promise<void> {
    const { account, journal, allowance } = this.means
    const { result } = outcome
    allowance.takeBack(attempt.pending.length - outcome.acceptedCount)
    if (result.outcome !== 'accepted') log.info(logged(account, attempt, result, outcome.decision.state))
    else log.debug(logged(account, attempt, result, outcome.decision.state))
    journal.pacedUntil = allowance.pacedUntil
    if (result.errorCode === 'quota') journal.restsUntil = this.restOfQuota(attempt)
    const written = journal.end(attempt, outcome)
    this.ends.add(written)
    written
      .catch(error => {
        this.failure ??= error
        this.changed()
      })
      .finally(() => this.ends.delete(written))
    return written
  }

  /** What an outcome says of the account: whether this turn goes on, and when the next one may begin. */
  private goBy({ startedAt }: Attempt, { at, result, decision }: Outcome): void {
    this.isProven = true
    if (result.blame === 'account' || result.blame === 'server') this.isStopped = true
    if (result.outcome === 'accepted') this.lastAcceptedAt = at
    if (result.blame === 'server' && decision.dueAt && this.broken?.isSilent !== false)
      this.broken = { startedAt, isSilent: !result.reply, dueAt: decision.dueAt }
  }

  private restOfQuota({ message }: Attempt): Date {
    const takenAt = Math.max(this.lastAcceptedAt?.getTime() ?? 0, message.queuedAt.getTime())
    return after(now(), quotaRestMs(now().getTime() - takenAt))
  }

  private async lesson(result: SubmitResult, written: Promise<void>): Promise<Lesson | null> {
    const { db, account, allowance } = this.means
    if (result.errorCode !== 'quota' || !result.reply) return lessonOf(result, allowance)
    await written // and with it what left before
    return lessonOfQuota(result.reply, await usageOf(db, account.id), profileOf(account))
  }

  private async isStillSo(): Promise<boolean> {
    const { db, engine, account, server } = this.means
    return passwordOf(await serverOfAccount(db, engine, account)) === passwordOf(server)
  }

  private async result(attempt: Attempt, raw: Buffer): Promise<SubmitResult> {
    const { engine, account, server, journal } = this.means
    const { message, pending } = attempt
    const recipients = message.redirectedTo ? [message.redirectedTo] : pending.map(({ address }) => address)
    const submitted = await submit(
      server,
      { envelopeSender: message.envelopeSender, recipients, raw, dsn: message.dsn as DsnRequest | null },
      {
        signal: engine.aborting,
        deadlineMs: engine.deadlineMs,
        lastAnswerMs: engine.lastAnswerMs,
        sessions: this.sessions,
        isUnwatched: true,
        beforeDataEnd: () => journal.mark(attempt),
      },
    )
    const judged = waitingOutQuotas(submitted)
    return account.kind === 'relay' ? onlyWaiting(judged) : judged
  }
}

const logged = (account: Account, { message }: Attempt, result: SubmitResult, state: string) => ({
  event: 'attempt',
  messageId: message.id,
  accountId: account.id,
  state,
  phase: result.phase,
  code: result.reply?.code,
  errorCode: result.errorCode,
  durationMs: result.durationMs,
})
