import { and, type Column, eq, like, type SQL, sql } from 'drizzle-orm'
import type { Statement } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Recipient, webhookDeliveries, webhooks } from '@/db/schema'
import { now } from '@/lib/clock'
import { newId } from '@/lib/id'
import type { Reply } from '@/lib/transport/conversation'
import type { WebhookEvent } from './event'
import { mayInterest } from './interest'

/** What an event adds to the ids: a state's reason, the server's reply. No text of a message, no secret. */
export type Facts = {
  code?: number | null // the server's reply
  enhancedStatus?: string | null
  text?: string | null
  recipients?: { address: string; state: Recipient['state']; reply: Reply | null }[] // of an attempt: what became of each
  error?: string | null // our word for a failure without a reply
  reason?: string | null // why it waits, or why the account is paused
  nextAttemptAt?: string | null
  expiresAt?: string | null // of account.expiring
}

export type Happened = { event: WebhookEvent; tenantId: string | null; subjectId: string; facts?: Facts; onlyIf?: (tx: Db) => SQL | undefined }

/**
 * For any atomic write: tells the company's webhooks of what this write does, in the same write. Nothing for a company
 * that no webhook of is known to listen; else one statement an event, which finds who listens by itself. `onlyIf` repeats the
 * condition of a write that may have matched nothing; with a tenant of null it says whose webhooks are meant, too.
 */
export function webhookStatements(tx: Db, happened: Happened[]): Statement[] {
  return happened.filter(({ tenantId, event }) => tenantId === null || mayInterest(tenantId, event)).map(one => deliveriesOf(tx, one))
}

/** Ids are the time and the random ends of webhook and statement: sorted, unguessable, and the database can make them. */
function deliveriesOf(tx: Db, { event, tenantId, subjectId, facts = {}, onlyIf }: Happened): Statement {
  const at = now()
  const d = webhookDeliveries
  const row = {
    id: sql<string>`${newId(at)} || '_' || substr(${webhooks.id}, 11)`.as('id'),
    webhookId: webhooks.id,
    tenantId: webhooks.tenantId,
    event: given(event, d.event),
    subjectId: given(subjectId, d.subjectId),
    facts: given(JSON.stringify(facts), d.facts),
    state: given('pending' as const, d.state),
    attemptCount: given(0, d.attemptCount),
    attempts: sql<null>`null`.as('attempts'),
    occurredAt: given(at, d.occurredAt),
    dueAt: given(at, d.dueAt),
    endedAt: sql<null>`null`.as('ended_at'),
  }
  const listening = and(tenantId === null ? undefined : eq(webhooks.tenantId, tenantId), listensTo(event), onlyIf?.(tx))
  return tx.insert(d).select(tx.select(row).from(webhooks).where(listening))
}

/** For conditions on webhooks. */
export const listensTo = (event: WebhookEvent) => and(eq(webhooks.isActive, true), like(webhooks.events, `% ${event} %`))

/** A value as the column writes it: an instant is a number on one database and a timestamp on the other. */
const given = <T>(value: T, column: Column) => sql<T>`${sql.param(value, column)}`.as(column.name)
