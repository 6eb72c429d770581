import { and, eq, exists } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, accounts, type Message, messages, webhooks } from '@/db/schema'
import type { WebhookEvent } from './event'
import { type Facts, type Happened, webhookStatements } from './webhook-statements'

type Subject = Pick<Message, 'id' | 'tenantId' | 'kind'>

/** A message's event. A test is watched by the person who started it and tells nobody else. */
export const messageEvent = (tx: Db, { id, tenantId, kind, event, facts, onlyIf }: Subject & Omit<Happened, 'tenantId' | 'subjectId'>) =>
  kind === 'test' ? [] : webhookStatements(tx, [{ event, tenantId, subjectId: id, facts, onlyIf }])

type Decided = Pick<Message, 'state' | 'waitingFor' | 'dueAt'>
type Said = { reply: { code: number; enhancedStatus: string | null; text: string } | null; errorText: string | null; errorCode: string | null }

/** What an attempt made of a message. One that was only interrupted tells nothing: it is queued as before. */
export function outcomeEvent(tx: Db, { id, tenantId, kind }: Subject, { decision, result }: { decision: Decided; result: Said }) {
  const event = outcomes[decision.state]
  if (!event) return []
  const facts: Facts = {
    code: result.reply?.code,
    enhancedStatus: result.reply?.enhancedStatus,
    text: result.reply?.text,
    error: result.errorCode,
    reason: decision.waitingFor,
    nextAttemptAt: decision.dueAt?.toISOString(),
  }
  return messageEvent(tx, { id, tenantId, kind, event, facts }) // not the row spread: docs/decisions/every-message-pays-for-the-slow-path.md
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
