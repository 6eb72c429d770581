import { sql } from 'drizzle-orm'
import { kit } from '../dialect'
import { tenants } from './tenant'

const { table, text, integer, instant, index, uniqueIndex, primaryKey } = kit

/** What mail leaves through: an SMTP login, a Microsoft connection, the relay of one company. The unit of claiming. */
export const accounts = table(
  'account',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    kind: text('kind', { enum: ['relay', 'smtp', 'microsoft365'] }).notNull(),
    identity: text('identity').notNull(), // what makes it this account; unique in the company
    host: text('host'), // null: the platform relay
    port: integer('port'),
    tls: text('tls', { enum: ['none', 'implicit', 'starttls'] }),
    username: text('username'), // null: no login
    credentialCardId: text('credential_card_id'), // whose password signs in; null: no login
    state: text('state', { enum: ['active', 'paused'] })
      .notNull()
      .default('active'),
    pauseReason: text('pause_reason', { enum: ['loginRefused', 'passwordNeeded', 'tlsFailed', 'consentNeeded', 'emailNotConfirmed', 'incomplete'] }), // null while active
    pausedText: text('paused_text'), // what the server said, untranslated
    pausedAt: instant('paused_at'),
    dueAt: instant('due_at'), // when its next message wants an attempt; null: nothing waits
    leaseOwner: text('lease_owner'), // the engine that drains it now
    leaseUntil: instant('lease_until'),
    leaseNumber: integer('lease_number').notNull().default(0), // fencing: a result of an older lease is not recorded
    pacedUntil: instant('paced_until'), // how far the messages sent so far reach at the rate allowed; null: no rate, or nothing sent
    restsUntil: instant('rests_until'), // its server's quota was used up: it is not asked before, whatever is queued meanwhile; null: it never was
    learnedAt: instant('learned_at'), // when the server last said that it was too much; null: never
    learnedConnections: integer('learned_connections'), // what it bears, as far as it said; slowly forgotten
    learnedPerMinute: integer('learned_per_minute'),
    learnedPerDay: integer('learned_per_day'),
    lastAcceptedAt: instant('last_accepted_at'),
    worksSince: instant('works_since'), // without a break; null: it does not, or nothing has shown it yet
    checkedAt: instant('checked_at'), // last daily check that came to an answer
    checkDueAt: instant('check_due_at'), // null: not planned yet
    failingSince: instant('failing_since'), // first check in a row that did not reach the server; a pause has its own words
    failingText: text('failing_text'),
    toldFailingAt: instant('told_failing_at'), // people were told that it does not send; null: nothing to take back
    createdAt: instant('created_at').notNull(),
  },
  t => [
    uniqueIndex('account_identity').on(t.tenantId, t.identity),
    index('account_mail_due').on(t.dueAt).where(sql`state = 'active' and identity not like 'test:%'`),
    index('account_test_due').on(t.dueAt).where(sql`state = 'active' and identity like 'test:%'`),
    index('account_credential').on(t.credentialCardId),
    index('account_check_due').on(t.checkDueAt),
  ],
)

/** How many recipients an account's server took in one hour: what a quota of 24 hours is counted from. */
export const accountHours = table(
  'account_hour',
  {
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id),
    hour: instant('hour').notNull(),
    tenantId: text('tenant_id').notNull(),
    recipientCount: integer('recipient_count').notNull(),
  },
  t => [primaryKey({ columns: [t.accountId, t.hour] })],
)

export type Account = typeof accounts.$inferSelect
export type PauseReason = NonNullable<Account['pauseReason']>
