import { and, eq, exists, inArray, isNotNull, not, type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { isAmong } from '@/db/compiled-query'
import { inHand, type Message, type MessageState, messages } from '@/db/schema'
import { isPending } from './message-state'

/** A message as people and programs see it: one that is due and in hand is `sending`, and has no next attempt. */
export type Seen<M extends Pick<Message, 'state'> = Message> = Omit<M, 'state'> & { state: MessageState }

/** The messages of a company that an engine has in hand now, and some that have ended of late. */
export async function inHandOf(db: Db, tenantId: string): Promise<Set<string>> {
  const rows = await db.select({ messageIds: inHand.messageIds }).from(inHand).where(eq(inHand.tenantId, tenantId))
  return new Set(rows.flatMap(({ messageIds }) => idsOf(messageIds)))
}

/** The ids of one row of `inHand`. */
export const idsOf = (messageIds: string): string[] => messageIds.split(' ')

type Shown = Pick<Message, 'id' | 'state' | 'waitingFor' | 'dueAt'>

/** `hand` was read before the message: one that has ended in between is seen as what it is now. */
export function seen<M extends Shown>(message: M, hand: Set<string>): Seen<M> {
  return message.dueAt !== null && hand.has(message.id) ? { ...message, state: 'sending', waitingFor: null, dueAt: null } : message
}

/** For conditions on messages: that they are seen in this state. */
export function isSeenAs(state: MessageState, hand: Set<string>): SQL {
  const ids = [...hand]
  if (state === 'sending') return and(isAmong(messages.id, ids), isNotNull(messages.dueAt)) as SQL
  const isStored = eq(messages.state, state)
  return isPending(state) && ids.length > 0 ? (and(isStored, not(isSeenAs('sending', hand))) as SQL) : isStored
}

/** The state that messages are seen in, as a column. */
export function seenState(hand: Set<string>): SQL<MessageState> {
  if (hand.size === 0) return sql<MessageState>`${messages.state}`
  return sql<MessageState>`case when ${isSeenAs('sending', hand)} then 'sending' else ${messages.state} end`
}

/**
 * For conditions of a write that changes messages: no engine has them in hand. Behind what holds their accounts, `heldIds`, with
 * `holdAccounts(…, 'alone')` or by an update: else PostgreSQL looks at what was there before an engine took them up. One that was given another
 * account meanwhile is left alone.
 */
export const isInNoHand = (tx: Db, heldIds: string[]): SQL => and(inArray(messages.accountId, heldIds), isUntaken(tx)) as SQL

/** The same where the write holds all accounts there may be. */
export const isUntaken = (tx: Db): SQL =>
  not(
    exists(
      tx
        .select({ id: inHand.id })
        .from(inHand)
        .where(and(eq(inHand.accountId, messages.accountId), sql`${inHand.messageIds} like '%' || ${messages.id} || '%'`)),
    ),
  )
