import { and, eq, exists, inArray, isNotNull, isNull, lt, lte, or, sql } from 'drizzle-orm'
import { atomically, type Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import { isAmong } from '@/db/compiled-query'
import { accounts, attempts, type InHand, inHand, type Message, messages, type Recipient, recipients, testSends } from '@/db/schema'
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

type Open = { message: Message; leaseNumber: number; markedAt: Date | null; recipients: Recipient[]; deaths: number }

/**
 * What an engine left behind when it died: messages that are in the hand of an earlier lease. One whose final dot may have followed
 * is unknown and its kind's rule decides; every other goes on as if nothing had been tried. One that several engines
 * died over is set aside until a person looks. Gives how many there were.
 * @throws NothingMatched when this lease is gone too
 */
export async function recoverMessages(db: Db, lease: Lease): Promise<number> {
  const left = await db
    .select()
    .from(inHand)
    .where(and(eq(inHand.accountId, lease.accountId), lt(inHand.leaseNumber, lease.number)))
  const [taken, marks] = [left.filter(({ markedAt }) => !markedAt), left.filter(({ markedAt }) => markedAt)]
  const markedAt = new Map(marks.flatMap(({ messageIds, markedAt }) => idsOf(messageIds).map(id => [id, markedAt])))
  let count = 0
  for (const row of taken) {
    const found = await openOf(db, row, markedAt)
    const ids = found.map(({ message }) => message.id)
    await atomically(db, tx => [
      mustHold(lease),
      ...found.flatMap(open => recovered(tx, open)),
      waitWhilePaused(tx, lease.accountId, ids),
      tx.delete(inHand).where(eq(inHand.id, row.id)),
    ])
    count += found.length
  }
  const spent = marks.map(({ id }) => id) // they outlive what was taken up: recovery, too, may be cut short
  if (spent.length > 0) await atomically(db, tx => [mustHold(lease), tx.delete(inHand).where(inArray(inHand.id, spent))])
  if (count > 0)
    log.warn({ event: 'recovered', accountId: lease.accountId, count }, 'an engine died over these messages, or stood still until its lease had run out')
  return count
}

/** Those of a row that had not ended. */
async function openOf(db: Db, { accountId, leaseNumber, messageIds }: InHand, markedAt: Map<string, Date | null>): Promise<Open[]> {
  const ids = idsOf(messageIds)
  const isOpen = and(isAmong(messages.id, ids), eq(messages.accountId, accountId), isNotNull(messages.dueAt))
  const left = await db.select().from(messages).where(isOpen)
  const died = await db
    .select({ messageId: attempts.messageId })
    .from(attempts)
    .where(and(isAmong(attempts.messageId, ids), eq(attempts.errorCode, 'engineDied')))
  const addressed = await recipientsOf(db, ids)
  return left.map(message => ({
    message,
    leaseNumber,
    markedAt: markedAt.get(message.id) ?? null,
    recipients: addressed.filter(({ messageId }) => messageId === message.id),
    deaths: 1 + died.filter(({ messageId }) => messageId === message.id).length,
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

function recovered(tx: Db, { message, leaseNumber, markedAt, recipients: all, deaths }: Open): Step[] {
  const at = now()
  const isOver = message.kind === 'test' && !markedAt // a test runs once
  const fate = markedAt ? 'unknown' : isOver ? 'cancelled' : null
  const fates = all.map((recipient): Fate => ({ recipient, outcome: undefined, state: fate && isPending(recipient.state) ? fate : recipient.state }))
  const states = fates.map(({ state }) => state)
  const result = { blame: 'server', errorCode: markedAt ? null : deaths >= deathsMost ? 'poison' : 'stopped' } as const
  const decision = { ...decide(message, states, result, at), dataAt: markedAt ?? message.dataAt }
  const outcome = markedAt ? 'unknown' : 'waiting'
  const { id: messageId, tenantId, accountId } = message
  const died = { endedAt: at, outcome, phase: markedAt ? 'reply' : null, errorCode: 'engineDied' } as const
  const attempt = { id: newId(), messageId, tenantId, accountId, leaseNumber, startedAt: markedAt ?? at, dataEndingAt: markedAt, ...died }
  return [
    tx.insert(attempts).values(attempt),
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
