import { kit } from '../dialect'
import { tenants } from './tenant'

const { table, text, boolean, integer, instant, json, index } = kit

/** An address of a company's own program that is told what becomes of its mail. */
export const webhooks = table(
  'webhook',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    url: text('url').notNull(),
    events: text('events').notNull(), // names with a blank before and after each, so that one can be looked for
    secretSealed: text('secret_sealed').notNull(),
    previousSecretSealed: text('previous_secret_sealed'), // those before it, the newest first: one a line, each with until when it signs too; null: never changed
    previousUntil: instant('previous_until'), // of the newest of them
    isActive: boolean('is_active').notNull().default(true),
    disabledBecause: text('disabled_because', { enum: ['failing', 'gone'] }), // null: active, or switched off by a person
    failingSince: instant('failing_since'), // null: its last delivery worked
    failureCount: integer('failure_count').notNull().default(0), // in a row; 0 while failing: nothing waits, and the next failure is counted from anew
    notBefore: instant('not_before'), // leaves an address that does not answer in peace
    leaseUntil: instant('lease_until'), // an engine delivers to it; past: since its last turn; null: it had none, or was changed
    leaseNumber: integer('lease_number').notNull().default(0), // fencing: a result of an older lease is not recorded
    createdAt: instant('created_at').notNull(),
  },
  t => [index('webhook_of_tenant').on(t.tenantId)],
)

/** One event on its way to one webhook, written together with what caused it; kept a while as the log. */
export const webhookDeliveries = table(
  'webhook_delivery',
  {
    id: text('id').primaryKey(), // the `webhook-id` header: the same at every try
    webhookId: text('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    tenantId: text('tenant_id').notNull(),
    event: text('event').notNull(),
    subjectId: text('subject_id').notNull(), // the message or account it is about; the webhook's own id for a test
    facts: text('facts').notNull(), // JSON: what the event adds, such as the server's reply
    state: text('state', { enum: ['pending', 'delivered', 'failed'] }).notNull(),
    attemptCount: integer('attempt_count').notNull(),
    attempts: json('attempts'), // DeliveryAttempt[] of lib/webhook, the last few; null: none yet
    occurredAt: instant('occurred_at').notNull(),
    dueAt: instant('due_at'), // null: ended
    endedAt: instant('ended_at'),
  },
  t => [index('webhook_delivery_due').on(t.webhookId, t.state, t.dueAt), index('webhook_delivery_log').on(t.webhookId, t.id)],
)

export type Webhook = typeof webhooks.$inferSelect
export type WebhookDelivery = typeof webhookDeliveries.$inferSelect
