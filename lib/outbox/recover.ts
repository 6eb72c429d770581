import { and, eq, exists, inArray, isNotNull, isNull, lt, lte, or, sql } from 'drizzle-orm'
import { atomically, type Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import { isAmong } from '@/db/compiled-query'
import { accounts, attempts, inHand, type Message, messages, type Recipient, recipients, testSends } from '@/db/schema'
import { waitWhilePaused } from '@/lib/account/pause-account'
import { after, now } from '@/lib/clock'
import { newId } from '@/lib/id'
import { log } from '@/lib/log'
import { idsOf } from '@/lib/message/in-hand'
import { isPending, pendingStates } from '@/lib/message/message-state'
import { recipientsOf } from '@/lib/message/recipient'
import { outcomeEvent } from '@/lib/webhook/mail-event'
import { decide } from './decide'
import { giveBack, type Lease, leaseMs, mustHold } from './lease'
import type { Fate } from './outcome'

const pausedAtOnce = 20
const deathsMost = 3 // then a message is set aside: it may well be what kills

type Open = { message: Message; attempt: typeof attempts.$inferSelect | null; recipients: Recipient[]; deaths: number }

/**
 * What an engine left behind when it died: messages that are in the hand of an earlier lease. One whose final dot may have followed
 * is unknown and its kind's rule decides; every other goes on as if nothing had been tried. One that several engines
 * died over is set aside until a person looks. Gives how many there were.
 * @throws NothingMatched when this lease is gone too
 */
export async function recoverMessages(db: Db, lease: Lease): Promise<number> {
  for (let count = 0; ; ) {
    const [left] = await db
      .select()
      .from(inHand)
      .where(and(eq(inHand.accountId, lease.accountId), lt(inHand.leaseNumber, lease.number)))
      .limit(1)
    if (!left) return count
    const found = await openOf(db, lease, idsOf(left.messageIds))
    const ids = found.map(({ message }) => message.id)
    await atomically(db, tx => [
      mustHold(lease),
      ...found.flatMap(open => recovered(tx, lease, open)),
      waitWhilePaused(tx, lease.accountId, ids),
      tx.delete(inHand).where(eq(inHand.id, left.id)),
    ])
    if (found.length === 0) continue // all of it had ended
    count += found.length
    log.warn(
      { event: 'recovered', accountId: lease.accountId, count: found.length },
      'an engine died over these messages, or stood still until its lease had run out',
    )
  }
}

/** Those of these that had not ended. */
async function openOf(db: Db, { accountId, number }: Lease, ids: string[]): Promise<Open[]> {
  const isOpen = and(isAmong(messages.id, ids), eq(messages.accountId, accountId), isNotNull(messages.dueAt))
  const left = await db.select().from(messages).where(isOpen)
  const isEarlier = and(isAmong(attempts.messageId, ids), lt(attempts.leaseNumber, number))
  const tried = await db.select().from(attempts).where(isEarlier)
  const addressed = await recipientsOf(db, ids)
  return left.map(message => ({
    message,
    attempt: tried.find(({ messageId, endedAt }) => messageId === message.id && endedAt === null) ?? null,
    recipients: addressed.filter(({ messageId }) => messageId === message.id),
    deaths: 1 + tried.filter(({ messageId, errorCode }) => messageId === message.id && errorCode === 'engineDied').length,
  }))
}

/** The same in accounts that were paused before their engine died: nobody leases those to send. */
export async function recoverPaused(db: Db): Promise<void> {
  const at = now()
  const isInHand = exists(db.select({ id: inHand.id }).from(inHand).where(eq(inHand.accountId, accounts.id)))
  const isLeft = and(eq(accounts.state, 'paused'), or(isNull(accounts.leaseUntil), lte(accounts.leaseUntil, at)), isInHand)
  const found = await db.select({ id: accounts.id }).from(accounts).where(isLeft).limit(pausedAtOnce)
  for (const { id } of found) {
    const lease = { leaseOwner: 'recovery', leaseUntil: after(at, leaseMs), leaseNumber: sql`${accounts.leaseNumber} + 1` }
    const [account] = await db
      .update(accounts)
      .set(lease)
      .where(and(eq(accounts.id, id), isLeft))
      .returning()
    if (!account) continue // another engine was faster
    const held = { accountId: id, number: account.leaseNumber }
    await recoverMessages(db, held)
    await giveBack(db, held, null)
  }
}

function recovered(tx: Db, lease: Lease, { message, attempt, recipients: all, deaths }: Open): Step[] {
  const at = now()
  const isMarked = attempt?.dataEndingAt != null
  const isOver = message.kind === 'test' && !isMarked // a test runs once
  const fate = isMarked ? 'unknown' : isOver ? 'cancelled' : null
  const fates = all.map((recipient): Fate => ({ recipient, outcome: undefined, state: fate && isPending(recipient.state) ? fate : recipient.state }))
  const states = fates.map(({ state }) => state)
  const result = { blame: 'server', errorCode: isMarked ? null : deaths >= deathsMost ? 'poison' : 'stopped' } as const
  const decision = { ...decide(message, states, result, at), dataAt: attempt?.dataEndingAt ?? message.dataAt }
  const outcome = isMarked ? 'unknown' : 'waiting'
  const end = { endedAt: at, outcome, phase: isMarked ? 'reply' : null, errorCode: 'engineDied' } as const
  const { id: messageId, tenantId } = message
  const row = { id: newId(), messageId, tenantId, accountId: lease.accountId, leaseNumber: lease.number - 1, startedAt: at, ...end }
  return [
    attempt ? tx.update(attempts).set(end).where(eq(attempts.id, attempt.id)) : tx.insert(attempts).values(row),
    tx
      .update(messages)
      .set(decision)
      .where(and(eq(messages.id, messageId), isNotNull(messages.dueAt))),
    ...(fate
      ? [
          tx
            .update(recipients)
            .set({ state: fate, updatedAt: at })
            .where(and(eq(recipients.messageId, messageId), inArray(recipients.state, [...pendingStates]))),
        ]
      : []),
    ...outcomeEvent(tx, message, { decision, result: { reply: null, errorText: null, errorCode: 'engineDied' }, fates }),
    tx
      .update(testSends)
      .set({ endedAt: at, outcome, valuesSealed: null })
      .where(and(eq(testSends.messageId, messageId), isNull(testSends.endedAt))),
  ]
}
