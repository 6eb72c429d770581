import { and, eq, inArray, isNull, ne, notInArray } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { accounts, messages, recipients } from '@/db/schema'
import { wakeAccounts } from '@/lib/account/find-account'
import { holdAccounts } from '@/lib/account/hold-accounts'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { isId } from '@/lib/id'
import { endedEvents } from '@/lib/webhook/mail-event'
import { dueFrom } from './due-at'
import { openAgain } from './expiry'
import { isInNoHand, isUntaken } from './in-hand'
import { visibleOf } from './message-scope'
import { cancellableStates, isPending, mayRetry, retryableStates } from './message-state'
import { hasText, isTextRemoved } from './remove-texts'

/**
 * Tries a message again now, or at the time it is to be sent at, for every recipient that has not accepted it. What has expired gets
 * five days more.
 * @throws Refusal `messageNotFound`, also for one that is not the actor's to see; `cannotRetry` when there is nothing to try; `waitsForSendAt` when it is queued and not
 * to leave yet; `accountPausedMendFirst` when its account cannot send; `textRemoved` when its text is no longer kept
 */
export async function retryMessage(db: Db, actor: Actor, { id }: { id: string }): Promise<void> {
  if ((await retryMessages(db, actor, { ids: [id] })) > 0) return
  const [found] = await db
    .select({ kind: messages.kind, state: messages.state, sendAt: messages.sendAt, accountState: accounts.state })
    .from(messages)
    .innerJoin(accounts, eq(accounts.id, messages.accountId))
    .where(visibleOf(actor, [id]))
  if (!found) throw new Refusal('messageNotFound')
  if (await isTextRemoved(db, id)) throw new Refusal('textRemoved')
  if (found.accountState === 'paused' && (isPending(found.state) || mayRetry(found))) throw new Refusal('accountPausedMendFirst')
  if (found.state === 'queued' && found.sendAt && found.sendAt > now()) throw new Refusal('waitsForSendAt')
  throw new Refusal('cannotRetry')
}

/**
 * As `retryMessages`, for whoever picked them in the list: when nothing can be tried, the reason of one of them is told.
 * @throws Refusal `accountPausedMendFirst`, `textRemoved`
 */
export async function retryPicked(db: Db, actor: Actor, { ids }: { ids: string[] }): Promise<number> {
  const count = await retryMessages(db, actor, { ids })
  if (count > 0) return count
  const [one] = await db
    .select({ id: messages.id, state: accounts.state })
    .from(messages)
    .innerJoin(accounts, eq(accounts.id, messages.accountId))
    .where(retryableOf(actor, ids))
    .limit(1)
  if (!one) return 0
  if (await isTextRemoved(db, one.id)) throw new Refusal('textRemoved')
  if (one.state === 'paused') throw new Refusal('accountPausedMendFirst')
  return 0
}

const retryableOf = (actor: Actor, ids: string[]) => and(visibleOf(actor, ids), inArray(messages.state, retryableStates), ne(messages.kind, 'test'))

/** Tries again what can be; gives how many. Messages of a paused account wait for its mending instead. */
export async function retryMessages(db: Db, actor: Actor, { ids }: { ids: string[] }): Promise<number> {
  const found = await db
    .select({ id: messages.id, accountId: messages.accountId })
    .from(messages)
    .innerJoin(accounts, eq(accounts.id, messages.accountId))
    .where(and(retryableOf(actor, ids), eq(accounts.state, 'active'), hasText(db)))
  if (found.length === 0) return 0
  const at = now()
  const ready = found.map(message => message.id)
  // accounts before messages, as the engine locks them: they are written, and so no engine takes one of the messages up meanwhile
  const accountIds = [...new Set(found.map(({ accountId }) => accountId))]
  const waking = wakeAccounts(accountIds, { fromRest: true })
  const written = await atomically(db, tx => [
    ...waking,
    tx
      .update(messages)
      .set({ state: 'queued', waitingFor: null, attemptCount: 0, dueAt: dueFrom(at), endedAt: null, ...openAgain(at) })
      .where(and(visibleOf(actor, ready), inArray(messages.state, retryableStates), isInNoHand(tx, accountIds), hasText(tx))) // as it is by now
      .returning({ id: messages.id }),
    tx
      .update(recipients)
      .set({ state: 'queued', updatedAt: at })
      .where(and(inArray(recipients.messageId, queuedAmong(tx, actor, ready)), notInArray(recipients.state, ['accepted', 'bounced']))),
  ])
  return written[waking.length]?.length ?? 0
}

/** Held while the messages are looked at, no engine takes one of them up. */
async function accountsOf(db: Db, actor: Actor, ids: string[]): Promise<string[]> {
  const found = await db.selectDistinct({ id: messages.accountId }).from(messages).where(visibleOf(actor, ids))
  return found.map(({ id }) => id)
}

/** Those that the write made queued: an engine may have taken up another meanwhile. */
const queuedAmong = (tx: Db, actor: Actor, ids: string[]) =>
  tx
    .select({ id: messages.id })
    .from(messages)
    .where(and(visibleOf(actor, ids), eq(messages.state, 'queued'), isUntaken(tx)))

/**
 * Cancels a message that still waits; one whose outcome is unknown it leaves as it is. Gives its state then.
 * @throws Refusal `alreadyCancelled`; `cannotCancel` when it is being sent or has ended otherwise
 */
export async function cancelMessage(db: Db, actor: Actor, { id }: { id: string }): Promise<'cancelled' | 'unknown'> {
  if ((await cancelMessages(db, actor, { ids: [id] })) > 0) return 'cancelled'
  if ((await leaveMessages(db, actor, { ids: [id] })) > 0) return 'unknown'
  const [cancelled] = await db
    .select({ id: messages.id })
    .from(messages)
    .where(and(visibleOf(actor, [id]), eq(messages.state, 'cancelled')))
  throw new Refusal(cancelled ? 'alreadyCancelled' : 'cannotCancel')
}

/** Cancels what still waits; gives how many. */
export async function cancelMessages(db: Db, actor: Actor, { ids: given }: { ids: string[] }): Promise<number> {
  const ids = given.filter(isId)
  if (ids.length === 0) return 0
  const at = now()
  const accountIds = await accountsOf(db, actor, ids)
  const before = holdAccounts(accountIds, 'alone')
  const written = await atomically(db, tx => [
    ...before,
    tx
      .update(messages)
      .set({ state: 'cancelled', waitingFor: null, dueAt: null, endedAt: at })
      .where(and(visibleOf(actor, ids), inArray(messages.state, cancellableStates), ne(messages.kind, 'test'), isInNoHand(tx, accountIds)))
      .returning({ id: messages.id }),
    cancelRecipients(tx, actor, { ids, state: 'cancelled', endedAt: at }),
    ...endedEvents(tx, actor.tenantId, { ids, event: 'message.cancelled', endedAt: at }),
  ])
  return written[before.length]?.length ?? 0
}

/**
 * The answer *no* to messages whose outcome is unknown: they are not tried again, have ended, and stay unknown. Who was put off
 * before the data gets nothing. Gives how many there were.
 */
export async function leaveMessages(db: Db, actor: Actor, { ids: given }: { ids: string[] }): Promise<number> {
  const ids = given.filter(isId)
  if (ids.length === 0) return 0
  const at = now()
  const accountIds = await accountsOf(db, actor, ids)
  const before = holdAccounts(accountIds, 'alone')
  const written = await atomically(db, tx => [
    ...before,
    tx
      .update(messages)
      .set({ dueAt: null, endedAt: at })
      .where(and(visibleOf(actor, ids), eq(messages.state, 'unknown'), isNull(messages.endedAt), isInNoHand(tx, accountIds)))
      .returning({ id: messages.id }),
    cancelRecipients(tx, actor, { ids, state: 'unknown', endedAt: at }),
  ])
  return written[before.length]?.length ?? 0
}

/** Of messages that this very write has ended: those who still were to get them. */
const cancelRecipients = (tx: Db, actor: Actor, { ids, state, endedAt }: { ids: string[]; state: 'cancelled' | 'unknown'; endedAt: Date }) =>
  tx
    .update(recipients)
    .set({ state: 'cancelled', updatedAt: endedAt })
    .where(and(inArray(recipients.messageId, endedAmong(tx, actor, { ids, state, endedAt })), inArray(recipients.state, ['queued', 'waiting'])))

const endedAmong = (tx: Db, actor: Actor, { ids, state, endedAt }: { ids: string[]; state: 'cancelled' | 'unknown'; endedAt: Date }) =>
  tx
    .select({ id: messages.id })
    .from(messages)
    .where(and(visibleOf(actor, ids), eq(messages.state, state), eq(messages.endedAt, endedAt)))
