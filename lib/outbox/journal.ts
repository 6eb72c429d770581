import { atomically, NothingMatched, type Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import { insertRows, updateRows } from '@/db/rows'
import { accountHours, attempts, inHand, messages, recipients } from '@/db/schema'
import { hourOf } from '@/lib/account/usage'
import { now } from '@/lib/clock'
import { Gatherer } from '@/lib/gatherer'
import { newId } from '@/lib/id'
import { attemptsEnded } from '@/lib/metrics'
import { outcomeEvent } from '@/lib/webhook/mail-event'
import type { Hand, Leaving } from './hand'
import { insist } from './insist'
import { type Lease, mustHold } from './lease'
import type { Outcome } from './outcome'
import type { Attempt } from './take-due'

type Mark = { kind: 'mark'; attempt: Attempt; at: Date }
type End = { kind: 'end'; attempt: Attempt; outcome: Outcome; also: (tx: Db) => Step[] }
type Entry = (Mark | End) & { resolve: () => void; reject: (error: unknown) => void }

const begunKeys = ['id', 'messageId', 'tenantId', 'accountId', 'leaseNumber', 'startedAt', 'dataEndingAt'] as const
const endedKeys = ['endedAt', 'outcome', 'phase', 'replyCode', 'enhancedStatus', 'replyText', 'errorCode', 'serverAddress', 'tls', 'durationMs'] as const
const markKeys = ['id', 'tenantId', 'accountId', 'leaseNumber', 'messageIds', 'markedAt'] as const

/**
 * Writes down what happens to the messages of one lease: that a final dot may follow, and how an attempt ended. What comes
 * in while a write is under way shares the next one. While the database is away a write is tried again: if the first was made
 * and only its answer lost, its attempts are there once, its webhooks may be told twice and its quota counted twice. Every write
 * holds the lease: one that was lost records nothing.
 * The one place where an outcome is recorded.
 */
export class Journal {
  private readonly entries = new Gatherer<Entry>(entries => this.write(entries))
  pacedUntil: Date | undefined // how far the account's rate reaches, written with the outcomes
  restsUntil: Date | undefined // its server's quota is used up; written with the outcome that says so

  constructor(
    private readonly db: Db,
    private readonly hand: Hand,
    private readonly tenantId: string,
    private readonly aborting: AbortSignal,
  ) {}

  /**
   * Marks, before the final dot, that from now on a lost answer means unknown.
   * @throws NothingMatched when the lease is gone: then the dot must not follow
   */
  mark(attempt: Attempt): Promise<void> {
    const at = now()
    attempt.marking ??= this.enter({ kind: 'mark', attempt, at }).then(() => {
      attempt.markedAt = at
    })
    return attempt.marking
  }

  /** Writes down how an attempt ended, and what that makes of the message and of each recipient. */
  async end(attempt: Attempt, outcome: Outcome, also: (tx: Db) => Step[] = () => []): Promise<void> {
    await attempt.marking?.catch(() => undefined) // whether and when it was marked
    await this.enter({ kind: 'end', attempt, outcome, also })
    attemptsEnded.inc({ outcome: outcome.result.outcome, phase: outcome.result.phase ?? 'none' })
  }

  /** When nothing is left to be written. */
  settled(): Promise<void> {
    return this.entries.settled()
  }

  private enter(entry: Mark | End): Promise<void> {
    return new Promise((resolve, reject) => this.entries.add(Object.assign(entry, { resolve, reject })))
  }

  private async write(entries: Entry[]): Promise<void> {
    try {
      await this.make(entries)
      for (const { resolve } of entries) resolve()
    } catch (error) {
      if (error instanceof NothingMatched || entries.length === 1) for (const { reject } of entries) reject(error)
      else await this.writeEach(entries)
    }
  }

  /** One that cannot be written must not take the others with it. */
  private async writeEach(entries: Entry[]): Promise<void> {
    for (const entry of entries) {
      try {
        await this.make([entry], { wasMade: true })
        entry.resolve()
      } catch (error) {
        entry.reject(error)
      }
    }
  }

  /** `wasMade`: as far as anybody knows. */
  private async make(entries: Entry[], { wasMade = false } = {}): Promise<void> {
    const marked = entries.filter(entry => entry.kind === 'mark').map(({ attempt }) => attempt.message.id)
    const row = newId() // one, however often the write is made
    await insist(isAgain => atomically(this.db, tx => this.statements(tx, entries, { row, marked, again: { orKeep: isAgain || wasMade } })), this.aborting)
    if (marked.length > 0) this.hand.hold(row, marked)
    this.hand.leave(leavingOf(entries.filter(isEnd)))
  }

  private statements(tx: Db, entries: Entry[], { row, marked, again }: { row: string; marked: string[]; again: { orKeep: boolean } }): Step[] {
    const ends = entries.filter(isEnd)
    const steps: (Step | null)[] = [
      mustHold(this.hand.lease, {
        lastAcceptedAt: ends.findLast(({ outcome }) => outcome.result.outcome === 'accepted')?.outcome.at,
        pacedUntil: this.pacedUntil,
        restsUntil: this.restsUntil,
      }),
      unless(marked, () => this.markStep(row, marked, again)),
      unless(ends, () => this.attemptStep(ends, again)),
      unless(ends, () => messageStep(this.hand.lease, ends)),
      unless(ends, () => recipientStep(ends)),
      this.counted(ends),
    ]
    return [
      ...steps.filter(step => step !== null),
      ...this.hand.leaveSteps(tx, leavingOf(ends)),
      ...ends.flatMap(({ attempt, outcome }) => outcomeEvent(tx, attempt.message, outcome)),
      ...ends.flatMap(({ also }) => also(tx)),
    ]
  }

  private markStep(id: string, marked: string[], again: { orKeep: boolean }): Step {
    const { accountId, number: leaseNumber } = this.hand.lease
    const row = { id, tenantId: this.tenantId, accountId, leaseNumber, messageIds: marked.join(' '), markedAt: now() }
    return insertRows(inHand, [...markKeys], [row], again)
  }

  private attemptStep(ends: End[], again: { orKeep: boolean }): Step {
    const { accountId, number: leaseNumber } = this.hand.lease
    const rows = ends.map(({ attempt: { message, startedAt, markedAt }, outcome }) => {
      const { id: messageId, tenantId } = message
      return { messageId, tenantId, accountId, leaseNumber, startedAt, dataEndingAt: markedAt, ...outcome.attempt }
    })
    return insertRows(attempts, [...begunKeys, ...endedKeys], rows, again)
  }

  /** What the server took counts against the account's quota of 24 hours. */
  private counted(ends: End[]): Step | null {
    const recipientCount = ends.reduce((sum, { outcome }) => sum + outcome.acceptedCount, 0)
    if (recipientCount === 0) return null
    const hour = hourOf(now())
    const { accountId } = this.hand.lease
    return insertRows(accountHours, ['accountId', 'hour', 'tenantId', 'recipientCount'], [{ accountId, hour, tenantId: this.tenantId, recipientCount }], {
      key: ['accountId', 'hour'],
      add: ['recipientCount'],
    })
  }
}

const isEnd = (entry: Entry) => entry.kind === 'end'

/** What is accepted nobody tries again. */
const leavingOf = (ends: End[]): Leaving[] =>
  ends.map(({ attempt: { message }, outcome }) => ({ id: message.id, isDone: outcome.decision.state === 'accepted' }))

const messageStep = ({ accountId }: Lease, ends: End[]): Step =>
  updateRows(
    messages,
    ['state', 'waitingFor', 'dueAt', 'endedAt', 'attemptCount', 'dataAt'],
    ends.map(({ attempt: { message, markedAt }, outcome: { decision } }) => {
      const { state, waitingFor, dueAt, endedAt, attemptCount } = decision
      return { id: message.id, state, waitingFor, dueAt, endedAt, attemptCount, dataAt: markedAt ?? message.dataAt }
    }),
    { where: { accountId }, holds: 'message.due_at is not null' }, // unless a test was wiped while it ran, or a repeated write comes too late
  )

const recipientStep = (ends: End[]): Step =>
  updateRows(
    recipients,
    ['state', 'replyCode', 'enhancedStatus', 'replyText', 'updatedAt'],
    ends.flatMap(({ outcome }) => outcome.recipients),
  )

const unless = (entries: unknown[], step: () => Step): Step | null => (entries.length === 0 ? null : step())
