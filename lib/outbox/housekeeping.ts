import { and, eq, inArray, isNull, lte, not, type SQL, sql } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { messages, recipients, testSends } from '@/db/schema'
import { holdAccounts } from '@/lib/account/hold-accounts'
import { now } from '@/lib/clock'
import { isInNoHand } from '@/lib/message/in-hand'
import { pendingStates } from '@/lib/message/message-state'
import { warnOfSecretEnd } from '@/lib/microsoft365/secret-end'
import { endedEvents } from '@/lib/webhook/mail-event'
import { fiveDaysFrom, isTimeStopped } from './hold'
import { recoverPaused } from './recover'

/** What nobody's turn would do: finds what was left behind in paused queues, ends mail whose time is over, and wipes tests that nobody ended. */
export async function keepHouse(db: Db): Promise<void> {
  await recoverPaused(db)
  await expireMessages(db)
  await wipeTests(db)
  warnOfSecretEnd()
}

/** Of a message whose time is over, though it waits. Word for word as its index has it. */
export const isOverdueAt = (at: Date) => and(sql`(${messages.dueAt} is not null) is true`, lte(messages.expiresAt, at)) as SQL

async function expireMessages(db: Db): Promise<void> {
  const at = now()
  const isOverdue = isOverdueAt(at)
  const overdue = await db
    .select({ id: messages.id, tenantId: messages.tenantId, accountId: messages.accountId, state: messages.state })
    .from(messages)
    .where(and(inArray(messages.state, [...pendingStates]), isOverdue))
    .limit(500)
  if (overdue.length === 0) return
  const all = overdue.map(({ id }) => id)
  const unknown = overdue.filter(({ state }) => state === 'unknown').map(({ id }) => id)
  const waiting = overdue.filter(({ state }) => state !== 'unknown').map(({ id }) => id)
  const accountIds = [...new Set(overdue.map(({ accountId }) => accountId))]
  const isOver = (tx: Db) => and(isOverdue, not(isTimeStopped(tx)), isInNoHand(tx, accountIds))
  await atomically(db, tx => [
    ...holdAccounts(accountIds, 'alone'), // no engine takes one of them up
    tx
      .update(messages)
      .set(fiveDaysFrom(at)) // what is held is not looked at every time
      .where(and(inArray(messages.id, all), isOverdue, isTimeStopped(tx), isInNoHand(tx, accountIds))),
    tx
      .update(messages)
      .set({ state: 'expired', waitingFor: null, dueAt: null, endedAt: at })
      .where(and(inArray(messages.id, waiting), inArray(messages.state, ['queued', 'waiting']), isOver(tx))),
    tx
      .update(recipients)
      .set({ state: 'expired', updatedAt: at })
      .where(and(inArray(recipients.messageId, expiredOf(tx, waiting)), inArray(recipients.state, ['queued', 'waiting']))),
    tx
      .update(messages)
      .set({ dueAt: null, endedAt: at })
      .where(and(inArray(messages.id, unknown), eq(messages.state, 'unknown'), isOver(tx))),
    tx
      .update(recipients)
      .set({ state: 'expired', updatedAt: at })
      .where(and(inArray(recipients.messageId, settledOf(tx, unknown, at)), inArray(recipients.state, ['queued', 'waiting']))),
    ...overdue.flatMap(({ id, tenantId }) => endedEvents(tx, tenantId, { ids: [id], event: 'message.expired', endedAt: at })),
  ])
}

const expiredOf = (tx: Db, ids: string[]) =>
  tx
    .select({ id: messages.id })
    .from(messages)
    .where(and(inArray(messages.id, ids), eq(messages.state, 'expired')))

/** What is unknown stays so, and is over. */
const settledOf = (tx: Db, ids: string[], at: Date) =>
  tx
    .select({ id: messages.id })
    .from(messages)
    .where(and(inArray(messages.id, ids), eq(messages.state, 'unknown'), eq(messages.endedAt, at)))

async function wipeTests(db: Db): Promise<void> {
  const at = now()
  const over = await db
    .select({ id: testSends.id, messageId: testSends.messageId })
    .from(testSends)
    .where(and(isNull(testSends.endedAt), lte(testSends.wipeAt, at)))
    .limit(100)
  if (over.length === 0) return
  const messageIds = over.map(({ messageId }) => messageId)
  await atomically(db, tx => [
    tx
      .update(testSends)
      .set({ valuesSealed: null, endedAt: at, outcome: 'waiting' })
      .where(
        and(
          inArray(
            testSends.id,
            over.map(({ id }) => id),
          ),
          isNull(testSends.endedAt),
        ),
      ),
    tx
      .update(messages)
      .set({ state: 'cancelled', waitingFor: null, dueAt: null, endedAt: at })
      .where(and(inArray(messages.id, messageIds), inArray(messages.state, ['queued', 'waiting']))),
    tx
      .update(recipients)
      .set({ state: 'cancelled', updatedAt: at })
      .where(and(inArray(recipients.messageId, messageIds), inArray(recipients.state, ['queued', 'waiting']))),
  ])
}
