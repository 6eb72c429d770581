import { and, asc, desc, eq, type SQL } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, type Attempt, accounts, attempts, cards, messages, type Recipient, recipients } from '@/db/schema'
import { limitsOf } from '@/lib/account/limits'
import { type AccountUsage, usagesOf } from '@/lib/account/usage'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { isId } from '@/lib/id'
import { isHeld } from '@/lib/outbox/hold'
import { inHandOf, type Seen, seen, seenState } from './in-hand'
import { visibleTo } from './message-scope'
import { mayCancel, mayLeave, mayResend, mayRetry, staysWhileHeld } from './message-state'
import { type Preview, previewOf } from './preview'
import { recipientsOf } from './recipient'
import { isTextRemoved } from './remove-texts'
import { replyTosOf } from './reply-to'

export { countWaiting, listMessages, type MessageRow } from './list-messages'
export { cancelMessage, cancelMessages, leaveMessages, retryMessage, retryMessages, retryPicked } from './message-actions'
export { resendMessage } from './resend'

export type MessageView = Preview & {
  message: Seen
  code: string
  replyTo: string | null // where answers go as a reader sees it; null: to From
  recipients: Recipient[]
  attempts: Attempt[]
  account: Pick<Account, 'id' | 'kind' | 'state' | 'pauseReason' | 'pausedText' | 'pausedAt' | 'username' | 'credentialCardId'> & { host: string }
  isHeld: boolean // it stays: the company's mail is held, or everybody's
  usedUp: AccountUsage | null // of an account whose limit of the day is used up; null: it is not
  isResting: boolean // its server has said that a quota is used up, and is not asked for a while
  isTextRemoved: boolean // kept so many days after the end; the log stays
  mayRetry: boolean
  mayCancel: boolean
  mayLeave: boolean
  mayResend: boolean
  resendOf: Resend | null // the message that this one sends again
  resends: Resend[] // messages that send this one again, the newest first
}

/** The other end of a link between a message and one that sends it again: to whom, and when it was queued. */
type Resend = Pick<Seen, 'id' | 'state' | 'queuedAt'> & { address: string }

/** @throws Refusal `messageNotFound`, also for a message that is not the actor's to see */
export async function getMessage(db: Db, actor: Actor, { id }: { id: string }): Promise<MessageView> {
  if (!isId(id)) throw new Refusal('messageNotFound')
  const hand = await inHandOf(db, actor.tenantId)
  const [found] = await db
    .select({ message: messages, code: cards.code, account: accounts })
    .from(messages)
    .innerJoin(cards, eq(cards.id, messages.cardId))
    .innerJoin(accounts, eq(accounts.id, messages.accountId))
    .where(and(visibleTo(actor), eq(messages.id, id)))
  if (!found) throw new Refusal('messageNotFound')
  const { code, account } = found
  const message = seen(found.message, hand)
  const isRemoved = await isTextRemoved(db, id)
  return {
    message,
    code,
    replyTo: (await replyTosOf(db, [found.message])).get(id) ?? null,
    recipients: await recipientsOf(db, [id]),
    attempts: await db.select().from(attempts).where(eq(attempts.messageId, id)).orderBy(asc(attempts.startedAt), asc(attempts.id)),
    account: { ...account, host: account.host ?? env.platform.relay.host },
    ...(await previewOf(db, id)),
    isHeld: staysWhileHeld(message) && (await isHeld(db, message.tenantId)),
    usedUp: message.state === 'queued' ? await usedUp(db, account) : null,
    isResting: account.restsUntil !== null && account.restsUntil > now(),
    isTextRemoved: isRemoved,
    mayRetry: mayRetry(message) && !isRemoved,
    mayCancel: mayCancel(message),
    mayLeave: mayLeave(message),
    mayResend: mayResend(message) && !isRemoved,
    resendOf: (await linkedTo(db, actor, eq(messages.id, message.resendOf ?? ''), hand))[0] ?? null,
    resends: await linkedTo(db, actor, eq(messages.resendOf, id), hand),
  }
}

async function usedUp(db: Db, account: Account): Promise<AccountUsage | null> {
  if (limitsOf(account).recipientsPerDay === null) return null
  const usage = (await usagesOf(db, [account])).get(account.id)
  return usage && usage.limit !== null && usage.used >= usage.limit ? usage : null
}

/** Each by its first recipient; one that sends another again has just that one. */
const linkedTo = (db: Db, actor: Actor, which: SQL, hand: Set<string>): Promise<Resend[]> =>
  db
    .select({ id: messages.id, state: seenState(hand), queuedAt: messages.queuedAt, address: recipients.address })
    .from(messages)
    .innerJoin(recipients, and(eq(recipients.messageId, messages.id), eq(recipients.position, 0)))
    .where(and(visibleTo(actor), which))
    .orderBy(desc(messages.queuedAt))
    .limit(20)
