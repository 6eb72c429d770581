import { and, eq, exists, inArray, isNotNull, isNull, ne, or, sql } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { isAmong } from '@/db/compiled-query'
import { accounts, attempts, inHand, installations, type Message, messages, recipients, sessions, testSends, webhooks } from '@/db/schema'
import { now } from '@/lib/clock'
import { newId } from '@/lib/id'
import { modeByEnvironment } from '@/lib/installation/mode'
import { dueFrom } from '@/lib/message/due-at'
import { letGoAt } from '@/lib/message/expiry'
import { idsOf } from '@/lib/message/in-hand'
import type { WaitingFor } from '@/lib/message/message-state'
import { letGo } from '@/lib/outbox/hold'

export type AfterRestore = { unknown: number }

const restored: WaitingFor = 'restored'

/**
 * A backup does not know what happened after it: what waits in it may have been accepted since. So nothing of it is
 * sent by itself: sending is held for everybody, and whatever had not ended is *unknown* until a person decides. Nor does it know who was
 * signed out since, so everybody is.
 */
export async function settleAfterRestore(db: Db): Promise<AfterRestore> {
  const at = now()
  const cut = await atFinalDot(db)
  const isPending = or(inArray(messages.state, ['queued', 'waiting']), and(eq(messages.state, 'unknown'), isNotNull(messages.dueAt)))
  const ofRestored = (tx: Db) =>
    tx
      .select({ id: messages.id })
      .from(messages)
      .where(and(eq(messages.state, 'unknown'), eq(messages.waitingFor, restored)))
  const [, , unknown = []] = await atomically(db, tx => [
    tx
      .insert(installations)
      .values({ id: 'this', mode: modeByEnvironment(), createdAt: at, heldAt: at })
      .onConflictDoUpdate({ target: installations.id, set: { heldAt: at } }), // made by an older build, it may not have been prepared: held it must be
    tx
      .update(messages)
      .set({ state: 'cancelled', waitingFor: null, dueAt: null, endedAt: at })
      .where(and(eq(messages.kind, 'test'), isPending)),
    tx
      .update(messages)
      .set({ state: 'unknown', waitingFor: restored, dueAt: null })
      .where(and(ne(messages.kind, 'test'), isPending))
      .returning({ id: messages.id }),
    tx
      .update(recipients)
      .set({ state: 'unknown', updatedAt: at })
      .where(and(inArray(recipients.messageId, ofRestored(tx)), inArray(recipients.state, ['queued', 'waiting']))),
    tx.delete(sessions),
    tx.update(accounts).set({ dueAt: null, leaseOwner: null, leaseUntil: null, leaseNumber: sql`${accounts.leaseNumber} + 1` }),
    ...cut.flatMap(attempt => [
      tx.update(messages).set({ dataAt: attempt.dataEndingAt }).where(eq(messages.id, attempt.messageId)),
      tx.insert(attempts).values({ ...attempt, endedAt: at, outcome: 'unknown', errorCode: 'restored' }),
    ]),
    tx.delete(inHand),
    tx.update(webhooks).set({ leaseUntil: null, leaseNumber: sql`${webhooks.leaseNumber} + 1` }),
    tx.update(testSends).set({ endedAt: at, outcome: 'unknown', valuesSealed: null }).where(isNull(testSends.endedAt)),
  ])
  return { unknown: unknown.length }
}

/** What servers may have taken, as attempts that had no end. */
async function atFinalDot(db: Db) {
  const marks = await db.select().from(inHand).where(isNotNull(inHand.markedAt))
  const markOf = new Map(marks.flatMap(mark => idsOf(mark.messageIds).map(id => [id, mark])))
  const isOpen = and(isAmong(messages.id, [...markOf.keys()]), isNotNull(messages.dueAt))
  const open = await db.select({ messageId: messages.id, tenantId: messages.tenantId, accountId: messages.accountId }).from(messages).where(isOpen)
  return open.map(message => {
    const { leaseNumber, markedAt } = markOf.get(message.messageId) as (typeof marks)[number]
    return { ...message, id: newId(), leaseNumber, startedAt: markedAt as Date, dataEndingAt: markedAt }
  })
}

/** As a message joins its account's queue: one that is paused waits for its mending. */
function asQueued(tx: Db) {
  const paused = tx.select({ id: accounts.id }).from(accounts)
  const isPaused = exists(paused.where(and(eq(accounts.id, messages.accountId), eq(accounts.state, 'paused'))))
  return {
    state: sql<Message['state']>`case when ${isPaused} then 'waiting' else 'queued' end`,
    waitingFor: sql<Message['waitingFor']>`case when ${isPaused} then 'accountPaused' end`,
  }
}

/** When sending was held by a restore; null: it is not. */
export async function findHeldAt(db: Db): Promise<Date | null> {
  const [installation] = await db.select({ heldAt: installations.heldAt }).from(installations)
  return installation?.heldAt ?? null
}

/**
 * Lets mail leave again. What waited in the backup stays unknown, for people to decide one by one; with `sendsWaiting`
 * it is queued, for an operator who knows that nothing left after the backup. Never what had begun to be sent.
 */
export async function release(db: Db, { sendsWaiting }: { sendsWaiting: boolean }): Promise<{ queued: number }> {
  const at = now()
  const untouched = and(
    eq(messages.state, 'unknown'),
    eq(messages.waitingFor, restored),
    isNull(messages.dataAt),
    isNull(messages.endedAt), // somebody has decided to leave it
    inArray(messages.kind, ['notice', 'document', 'letter']),
  )
  const ids = (tx: Db) => tx.select({ id: messages.id }).from(messages).where(untouched)
  const written = await atomically(db, tx => [
    ...(sendsWaiting
      ? [
          tx
            .update(accounts)
            .set({ dueAt: at })
            .where(inArray(accounts.id, tx.select({ id: messages.accountId }).from(messages).where(untouched))),
          tx
            .update(recipients)
            .set({ state: 'queued', updatedAt: at })
            .where(and(inArray(recipients.messageId, ids(tx)), eq(recipients.state, 'unknown'))),
          tx
            .update(messages)
            .set({ ...asQueued(tx), dueAt: dueFrom(at) })
            .where(untouched)
            .returning({ expiresAt: letGoAt(at).mapWith(messages.expiresAt) }),
        ]
      : []),
    tx.update(installations).set({ heldAt: null }),
    ...letGo(tx, { at, tenantId: null }),
  ])
  const queued = sendsWaiting ? ((written[2] ?? []) as { expiresAt: Date }[]) : []
  return { queued: queued.filter(({ expiresAt }) => expiresAt > at).length } // what its sender named an expiry for ends at it
}
