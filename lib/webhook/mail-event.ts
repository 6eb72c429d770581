import { and, eq, exists } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, accounts, type Message, messages, webhooks } from '@/db/schema'
import type { Fate } from '@/lib/outbox/outcome'
import type { Reply } from '@/lib/transport/conversation'
import type { SubmitResult } from '@/lib/transport/submission'
import type { WebhookEvent } from './event'
import { mayInterest } from './interest'
import { type Facts, type Happened, webhookStatements } from './webhook-statements'

type Subject = Pick<Message, 'id' | 'tenantId' | 'kind'>

/** A message's event. A test is watched by the person who started it and tells nobody else. */
export const messageEvent = (tx: Db, { id, tenantId, kind, event, facts, onlyIf }: Subject & Omit<Happened, 'tenantId' | 'subjectId'>) =>
  kind === 'test' ? [] : webhookStatements(tx, [{ event, tenantId, subjectId: id, facts, onlyIf }])

type Decided = Pick<Message, 'state' | 'waitingFor' | 'dueAt'>
type Said = Pick<SubmitResult, 'reply' | 'errorText' | 'errorCode'> & Partial<Pick<SubmitResult, 'outcome'>>
type Told = { decision: Decided; result: Said; fates: Fate[] }

/** What an attempt made of a message, and of each recipient. One that was only interrupted tells nothing: it is queued as before. */
export function outcomeEvent(tx: Db, { id, tenantId, kind }: Subject, { decision, result, fates }: Told) {
  const event = outcomes[decision.state]
  if (!event || !mayInterest(tenantId, event)) return []
  const recipients = fates.map(told)
  const reply = decidingReply(decision.state, result, recipients)
  const facts: Facts = {
    code: reply?.code,
    enhancedStatus: reply?.enhancedStatus,
    text: reply?.text,
    recipients,
    error: result.errorCode,
    reason: decision.waitingFor,
    nextAttemptAt: decision.dueAt?.toISOString(),
  }
  return messageEvent(tx, { id, tenantId, kind, event, facts }) // not the row spread: docs/decisions/every-message-pays-for-the-slow-path.md
}

function told({ recipient, outcome, state }: Fate) {
  const { address, replyCode, enhancedStatus, replyText } = recipient
  const earlier = replyCode === null ? null : { code: replyCode, enhancedStatus, text: replyText ?? '' }
  return { address, state, reply: outcome ? outcome.reply : earlier }
}

/** The server took the data and refused one recipient: the message is refused, and the reply that says so is that recipient's. */
function decidingReply(state: Message['state'], { outcome, reply }: Said, recipients: NonNullable<Facts['recipients']>): Reply | null {
  if (outcome === undefined || outcome === state) return reply
  return recipients.find(recipient => recipient.state === state)?.reply ?? (outcome === 'accepted' ? null : reply)
}

const outcomes: Partial<Record<Message['state'], WebhookEvent>> = {
  accepted: 'message.accepted',
  waiting: 'message.waiting',
  refused: 'message.refused',
  unknown: 'message.unknown',
  cancelled: 'message.cancelled',
}

/** Messages that this very write has ended, after the statement that ended them: those it did not match tell nothing. */
export const endedEvents = (
  tx: Db,
  tenantId: string,
  { ids, event, endedAt }: { ids: string[]; event: 'message.cancelled' | 'message.expired'; endedAt: Date },
) =>
  webhookStatements(
    tx,
    ids.map(id => ({ event, tenantId, subjectId: id, onlyIf: tx => endedAs(tx, id, { event, endedAt }) })),
  )

const endedAs = (tx: Db, id: string, { event, endedAt }: { event: string; endedAt: Date }) =>
  exists(
    tx
      .select({ id: messages.id })
      .from(messages)
      .where(
        and(
          eq(messages.id, id),
          eq(messages.state, event === 'message.expired' ? 'expired' : 'cancelled'),
          eq(messages.endedAt, endedAt),
          eq(messages.tenantId, webhooks.tenantId),
        ),
      ),
  )

/** Before the account is made active again: nothing is told of one that was active anyway. */
export const resumedEvents = (tx: Db, accountIds: string[]) =>
  webhookStatements(
    tx,
    accountIds.map(id => ({ event: 'account.resumed' as const, tenantId: null, subjectId: id, onlyIf: tx => pausedOf(tx, id) })),
  )

const pausedOf = (tx: Db, id: string) =>
  exists(
    tx
      .select({ id: accounts.id })
      .from(accounts)
      .where(and(eq(accounts.id, id), eq(accounts.state, 'paused'), eq(accounts.tenantId, webhooks.tenantId))),
  )

type AccountEvent = { event: 'account.paused' | 'account.expiring'; facts?: Facts }

export const accountEvent = (tx: Db, { id, tenantId }: Pick<Account, 'id' | 'tenantId'>, { event, facts }: AccountEvent) =>
  webhookStatements(tx, [{ event, tenantId, subjectId: id, facts }])
