import { and, eq, inArray, isNotNull, ne, notInArray } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { accounts, messages, recipients } from '@/db/schema'
import { wakeAccounts } from '@/lib/account/find-account'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { isId } from '@/lib/id'
import { endedEvents } from '@/lib/webhook/mail-event'
import { dueFrom } from './due-at'
import { openAgain } from './expiry'
import { visibleOf } from './message-scope'
import { cancellableStates, retryableStates } from './message-state'
import { hasText, isTextRemoved } from './remove-texts'

/**
 * Tries a message again now, or at the time it is to be sent at, for every recipient that has not accepted it. What has expired gets
 * five days more.
 * @throws Refusal `cannotRetry` when there is nothing to try; `accountPausedMendFirst` when its account cannot send;
 * `textRemoved` when its text is no longer kept
 */
export async function retryMessage(db: Db, actor: Actor, { id }: { id: string }): Promise<void> {
  if ((await retryMessages(db, actor, { ids: [id] })) > 0) return
  const [paused] = await db
    .select({ state: accounts.state })
    .from(messages)
    .innerJoin(accounts, eq(accounts.id, messages.accountId))
    .where(visibleOf(actor, [id]))
  if (!paused) throw new Refusal('messageNotFound')
  if (await isTextRemoved(db, id)) throw new Refusal('textRemoved')
  throw new Refusal(paused.state === 'paused' ? 'accountPausedMendFirst' : 'cannotRetry')
}

/** Tries again what can be; gives how many. Messages of a paused account wait for its mending instead. */
export async function retryMessages(db: Db, actor: Actor, { ids }: { ids: string[] }): Promise<number> {
  const found = await db
    .select({ id: messages.id, accountId: messages.accountId })
    .from(messages)
    .innerJoin(accounts, eq(accounts.id, messages.accountId))
    .where(and(visibleOf(actor, ids), inArray(messages.state, retryableStates), ne(messages.kind, 'test'), eq(accounts.state, 'active'), hasText(db)))
  if (found.length === 0) return 0
  const at = now()
  const ready = found.map(message => message.id)
  const waking = wakeAccounts([...new Set(found.map(({ accountId }) => accountId))]) // accounts before messages: as the engine locks them
  const written = await atomically(db, tx => [
    ...waking,
    tx
      .update(messages)
      .set({ state: 'queued', waitingFor: null, attemptCount: 0, dueAt: dueFrom(at), endedAt: null, expiresAt: openAgain(at) })
      .where(and(visibleOf(actor, ready), inArray(messages.state, retryableStates)))
      .returning({ id: messages.id }),
    tx
      .update(recipients)
      .set({ state: 'queued', updatedAt: at })
      .where(and(inArray(recipients.messageId, queuedAmong(tx, actor, ready)), notInArray(recipients.state, ['accepted', 'bounced']))),
  ])
  return written[waking.length]?.length ?? 0
}

/** Those that the write made queued: an engine may have taken up another meanwhile. */
const queuedAmong = (tx: Db, actor: Actor, ids: string[]) =>
  tx
    .select({ id: messages.id })
    .from(messages)
    .where(and(visibleOf(actor, ids), eq(messages.state, 'queued')))

/** @throws Refusal `cannotCancel` when it is being sent or has ended */
export async function cancelMessage(db: Db, actor: Actor, { id }: { id: string }): Promise<void> {
  if ((await cancelMessages(db, actor, { ids: [id] })) === 0) throw new Refusal('cannotCancel')
}

/** Cancels what still waits, and tells unknown messages not to try again; gives how many. */
export async function cancelMessages(db: Db, actor: Actor, { ids: given }: { ids: string[] }): Promise<number> {
  const ids = given.filter(isId)
  if (ids.length === 0) return 0
  const at = now()
  const [cancelled = [], settled = []] = await atomically(db, tx => [
    tx
      .update(messages)
      .set({ state: 'cancelled', waitingFor: null, dueAt: null, endedAt: at })
      .where(and(visibleOf(actor, ids), inArray(messages.state, cancellableStates), ne(messages.kind, 'test')))
      .returning({ id: messages.id }),
    tx
      .update(messages)
      .set({ dueAt: null, endedAt: at })
      .where(and(visibleOf(actor, ids), eq(messages.state, 'unknown'), isNotNull(messages.dueAt)))
      .returning({ id: messages.id }),
    tx
      .update(recipients)
      .set({ state: 'cancelled', updatedAt: at })
      .where(and(inArray(recipients.messageId, endedAmong(tx, actor, ids, at)), inArray(recipients.state, ['queued', 'waiting']))),
    ...endedEvents(tx, actor.tenantId, { ids, event: 'message.cancelled', endedAt: at }),
  ])
  return cancelled.length + settled.length
}

const endedAmong = (tx: Db, actor: Actor, ids: string[], at: Date) =>
  tx
    .select({ id: messages.id })
    .from(messages)
    .where(and(visibleOf(actor, ids), inArray(messages.state, ['cancelled', 'unknown']), eq(messages.endedAt, at)))
