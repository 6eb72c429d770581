import { and, eq, inArray, isNull, lt } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Account, attempts, type Message, messages, type Recipient, recipients, testSends } from '@/db/schema'
import { now } from '@/lib/clock'
import { newId } from '@/lib/id'
import { bodyOf } from '@/lib/message/body-of'
import { pendingStates } from '@/lib/message/message-state'
import { recipientsOf } from '@/lib/message/recipient'
import type { SubmitResult } from '@/lib/transport/submission'
import { outcomeEvent } from '@/lib/webhook/mail-event'
import { type Decision, decide, recipientState } from './decide'
import { type Lease, mustHold } from './lease'

type Statement = { toSQL(): { sql: string; params: unknown[] }; execute(): unknown }

/** One try, begun: the bytes and the recipients that still want them. */
export type BegunAttempt = { id: string; message: Message; all: Recipient[]; pending: Recipient[]; raw: Buffer; startedAt: Date }

/**
 * Takes a message up, under the lease. Null when it is not to be sent after all: cancelled, or moved to another route.
 * @throws NothingMatched when the lease is gone
 */
export async function beginAttempt(db: Db, lease: Lease, message: Message): Promise<BegunAttempt | null> {
  const attempt = { id: newId(), messageId: message.id, tenantId: message.tenantId, accountId: lease.accountId, leaseNumber: lease.number, startedAt: now() }
  try {
    await atomically(db, tx => [
      mustHold(tx, lease),
      must(
        tx
          .update(messages)
          .set({ state: 'sending', waitingFor: null })
          .where(and(eq(messages.id, message.id), eq(messages.accountId, lease.accountId), inArray(messages.state, pendingStates)))
          .returning({ id: messages.id }),
      ),
      tx.insert(attempts).values(attempt),
    ])
  } catch (error) {
    if (error instanceof NothingMatched && error.position === 1) return null
    throw error
  }
  const all = await recipientsOf(db, [message.id])
  const raw = await bodyOf(db, message, all)
  return { ...attempt, message, all, raw, pending: all.filter(({ state }) => state === 'queued' || state === 'waiting' || state === 'unknown') }
}

/**
 * Marks, before the final dot, that from now on a lost answer means unknown; and that this message never moves again.
 * @throws NothingMatched when the lease is gone: then the dot must not follow
 */
export async function markDataEnding(db: Db, lease: Lease, attempt: BegunAttempt): Promise<void> {
  const at = now()
  await atomically(db, tx => [
    mustHold(tx, lease),
    tx.update(attempts).set({ dataEndingAt: at }).where(eq(attempts.id, attempt.id)),
    tx.update(messages).set({ dataAt: at }).where(eq(messages.id, attempt.message.id)),
  ])
}

/** Writes down how an attempt ended, and what that makes of the message and each recipient, in one write under the lease. */
export async function endAttempt(
  db: Db,
  lease: Lease,
  attempt: BegunAttempt,
  result: SubmitResult,
  also: (tx: Db) => Statement[] = () => [],
): Promise<Decision> {
  const at = now()
  const outcomes = new Map(result.recipients.map(recipient => [recipient.address, recipient]))
  const after = attempt.all.map(recipient => {
    const outcome = attempt.pending.includes(recipient) ? outcomes.get(recipient.address) : undefined
    return { recipient, outcome, state: outcome ? recipientState(attempt.message.kind, outcome.outcome, result.blame) : recipient.state }
  })
  const decision = decide(
    attempt.message,
    after.map(({ state }) => state),
    result,
    at,
  )
  const account: Partial<Account> = result.outcome === 'accepted' ? { lastAcceptedAt: at } : {}
  await atomically(db, tx => [
    mustHold(tx, lease, account),
    tx.update(attempts).set(attemptResult(result, at)).where(eq(attempts.id, attempt.id)),
    must(
      tx
        .update(messages)
        .set(decision)
        .where(and(eq(messages.id, attempt.message.id), eq(messages.state, 'sending')))
        .returning({ id: messages.id }),
    ),
    ...grouped(after.filter(({ outcome }) => outcome)).map(({ ids, state, reply }) =>
      tx
        .update(recipients)
        .set({ state, replyCode: reply?.code ?? null, enhancedStatus: reply?.enhancedStatus ?? null, replyText: reply?.text ?? null, updatedAt: at })
        .where(inArray(recipients.id, ids)),
    ),
    ...outcomeEvent(tx, attempt.message, { decision, result }),
    ...also(tx),
  ])
  return decision
}

function attemptResult(result: SubmitResult, at: Date) {
  return {
    endedAt: at,
    outcome: result.outcome,
    phase: result.phase,
    replyCode: result.reply?.code ?? null,
    enhancedStatus: result.reply?.enhancedStatus ?? null,
    replyText: result.reply?.text ?? result.errorText,
    errorCode: result.errorCode,
    serverAddress: result.serverAddress,
    tls: result.tls,
    durationMs: result.durationMs,
  }
}

type RecipientAfter = { recipient: Recipient; outcome: SubmitResult['recipients'][number] | undefined; state: Recipient['state'] }

/** Recipients with the same fate share one statement. */
function grouped(after: RecipientAfter[]) {
  const groups = new Map<string, { ids: string[]; state: Recipient['state']; reply: SubmitResult['reply'] }>()
  for (const { recipient, outcome, state } of after) {
    const reply = outcome?.reply ?? null
    const key = JSON.stringify([state, reply])
    const group = groups.get(key) ?? { ids: [], state, reply }
    group.ids.push(recipient.id)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/**
 * Attempts that an engine left open when it died: marked before the final dot they are unknown, else the message
 * goes on as if nothing had been tried.
 */
export async function recoverAttempts(db: Db, lease: Lease): Promise<void> {
  const open = await db
    .select({ attempt: attempts, message: messages })
    .from(attempts)
    .innerJoin(messages, eq(messages.id, attempts.messageId))
    .where(and(eq(attempts.accountId, lease.accountId), isNull(attempts.endedAt), lt(attempts.leaseNumber, lease.number)))
  for (const { attempt, message } of open) await recover(db, lease, attempt, message)
}

async function recover(db: Db, lease: Lease, attempt: typeof attempts.$inferSelect, message: Message): Promise<void> {
  const at = now()
  const outcome = attempt.dataEndingAt ? 'unknown' : 'waiting'
  const state = message.kind === 'test' && outcome === 'waiting' ? 'cancelled' : outcome
  const pending = (await recipientsOf(db, [message.id])).filter(recipient => ['queued', 'waiting', 'unknown'].includes(recipient.state))
  const decision = decide(message, [state], { blame: 'server', errorCode: outcome === 'waiting' ? 'stopped' : null }, at)
  await atomically(db, tx => [
    mustHold(tx, lease),
    tx
      .update(attempts)
      .set({ endedAt: at, outcome, phase: attempt.dataEndingAt ? 'reply' : 'connect', errorCode: 'engineDied' })
      .where(eq(attempts.id, attempt.id)),
    tx
      .update(messages)
      .set(decision)
      .where(and(eq(messages.id, message.id), eq(messages.state, 'sending')))
      .returning({ id: messages.id }),
    tx
      .update(recipients)
      .set({ state, updatedAt: at })
      .where(
        inArray(
          recipients.id,
          pending.map(({ id }) => id),
        ),
      ),
    ...outcomeEvent(tx, message, { decision, result: { reply: null, errorText: null, errorCode: 'engineDied' } }),
    tx
      .update(testSends)
      .set({ endedAt: at, outcome, valuesSealed: null })
      .where(and(eq(testSends.messageId, message.id), isNull(testSends.endedAt))),
  ])
}
