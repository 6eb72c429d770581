import { sql } from 'drizzle-orm'
import { kit } from '../dialect'
import { accounts } from './account'
import { cards } from './card'
import { tenants } from './tenant'

const { table, text, boolean, integer, instant, bytes, json, jsonText, refers, index, uniqueIndex, primaryKey } = kit

/** Stored; one that is due and in hand is `sending` besides (`inHand` below, lib/message/in-hand.ts). */
const storedStates = ['queued', 'accepted', 'waiting', 'refused', 'unknown', 'cancelled', 'expired', 'bounced'] as const
const recipientStates = ['queued', 'waiting', 'accepted', 'refused', 'unknown', 'cancelled', 'expired', 'bounced'] as const
const waitingReasons = [
  'accountPaused',
  'serverUnavailable',
  'tryLater',
  'microsoftUnavailable',
  'microsoftMisconfigured',
  'keyMissing', // the engine cannot open the password or token that is kept
  'quota', // the account's, of a day or an hour, is used up
  'setAside', // engines died over it, or it cannot be composed
  'restored', // unknown since a backup was restored
] as const
export const phases = ['dns', 'connect', 'tls', 'ehlo', 'auth', 'mail', 'rcpt', 'data', 'reply'] as const

/** One submission. From, Reply-To, envelope and account are fixed here when it is queued. */
export const messages = table(
  'message',
  {
    id: text('id').primaryKey(),
    tenantId: refers(text('tenant_id').notNull(), () => tenants.id),
    cardId: refers(text('card_id').notNull(), () => cards.id),
    accountId: refers(text('account_id').notNull(), () => accounts.id),
    kind: text('kind', { enum: ['test', 'notice', 'document', 'letter'] }).notNull(),
    priority: integer('priority').notNull(), // 0 first: tests and notices, documents, letters
    state: text('state', { enum: storedStates }).notNull(),
    waitingFor: text('waiting_for', { enum: waitingReasons }), // why it waits, or is unknown; null: the state says it all
    envelopeSender: text('envelope_sender').notNull(),
    fromName: text('from_name').notNull(),
    fromAddress: text('from_address').notNull(),
    replyTo: text('reply_to'), // null: answers go to From
    subject: text('subject').notNull(),
    rfcMessageId: text('rfc_message_id').notNull(), // the Message-ID header, without angle brackets
    idempotencyKey: text('idempotency_key'), // null: none was given
    requestHash: text('request_hash'), // of what came with that key, so that another body under it is noticed; null: no program asked
    documentType: text('document_type'), // what it carries in the business software, e.g. invoice; null: not said
    documentNumber: text('document_number'),
    sizeBytes: integer('size_bytes').notNull(),
    search: text('search').notNull(), // the words of subject, document number and recipients, from every beginning (lib/message/search-text.ts)
    dsn: json('dsn'), // delivery reports a program asked for by SMTP, a DsnRequest of lib/transport/dsn; null: none
    attemptCount: integer('attempt_count').notNull().default(0), // only attempts that count against the waits
    redirectedTo: text('redirected_to'), // all mail went there when it was queued; the recipients are those it was written to
    resendOf: text('resend_of'), // the message that this one sends again to somebody else; null: none
    dataAt: instant('data_at'), // an attempt reached the end of the data; such a message never changes its route
    queuedAt: instant('queued_at').notNull(),
    sendAt: instant('send_at'), // not before; null: as soon as may be
    dueAt: instant('due_at'), // next attempt, or that which goes on; null when it has ended
    expiresAt: instant('expires_at').notNull(),
    isExpiryNamed: boolean('is_expiry_named').notNull().default(false), // by its sender: holds whatever happens; else five days from when it may leave
    endedAt: instant('ended_at'),
  },
  t => [
    index('message_due').on(t.accountId, t.priority, t.dueAt).where(sql`due_at is not null`), // what waits, one range for each priority
    index('message_expiry').on(t.expiresAt).where(sql`(due_at is not null) is true`), // in words that no other query's condition implies
    index('message_listing').on(t.tenantId, t.queuedAt),
    index('message_of_card').on(t.tenantId, t.cardId, t.queuedAt),
    index('message_by_state').on(t.tenantId, t.state, t.queuedAt),
    index('message_document').on(t.tenantId, t.documentNumber, t.queuedAt).where(sql`document_number is not null`),
    index('message_resend').on(t.resendOf).where(sql`resend_of is not null`),
    uniqueIndex('message_idempotency').on(t.tenantId, t.idempotencyKey).where(sql`idempotency_key is not null`),
  ],
)

/**
 * What was written, of a message that is composed when it leaves: text, HTML, headers of its own, attachments by name.
 * The same content always gives the same bytes. A message has this or a `message_body`, never both. Texts stand by themselves:
 * in JSON each of their line ends is escaped and read back (docs/decisions/bytes-follow-from-what-is-stored.md).
 */
export const messageContents = table('message_content', {
  messageId: refers(text('message_id').primaryKey(), () => messages.id, { onDelete: 'cascade' }),
  text: text('text').notNull().default(''),
  html: text('html'), // null: there is none
  content: jsonText('content').notNull(), // of a MessageContent of lib/message all that is no text
})

/** One content that messages of a company carry, stored once however many do. */
export const attachments = table(
  'attachment',
  {
    id: text('id').primaryKey(), // company and SHA-256 of the content
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    content: bytes('content').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  t => [index('attachment_of_tenant').on(t.tenantId)],
)

/** That a message carries an attachment; its name there is in the message's content. */
export const messageAttachments = table(
  'message_attachment',
  {
    messageId: text('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    attachmentId: text('attachment_id')
      .notNull()
      .references(() => attachments.id),
  },
  t => [primaryKey({ columns: [t.messageId, t.attachmentId] }), index('message_attachment_content').on(t.attachmentId)],
)

/** The bytes of a message that came as bytes. Retried bytes are the same bytes. */
export const messageBodies = table('message_body', {
  messageId: refers(text('message_id').primaryKey(), () => messages.id, { onDelete: 'cascade' }),
  raw: bytes('raw').notNull(),
})

/** One envelope recipient of one message, with its own outcome. */
export const recipients = table(
  'recipient',
  {
    id: text('id').primaryKey(),
    messageId: refers(text('message_id').notNull(), () => messages.id, { onDelete: 'cascade' }),
    tenantId: text('tenant_id').notNull(),
    position: integer('position').notNull(),
    field: text('field', { enum: ['to', 'cc', 'bcc'] }).notNull(),
    address: text('address').notNull(),
    state: text('state', { enum: recipientStates }).notNull(),
    replyCode: integer('reply_code'),
    enhancedStatus: text('enhanced_status'),
    replyText: text('reply_text'),
    updatedAt: instant('updated_at').notNull(),
  },
  t => [index('recipient_of_message').on(t.messageId, t.position)],
)

/**
 * What an engine has taken up under one lease and not let go of, many messages in a row: while it is due, such a message is
 * `sending`, and nobody else changes it. Those that come to their final dot are named once more, in rows that are marked
 * (docs/decisions/what-is-in-hand-is-one-row.md). An id that stays behind has ended.
 */
export const inHand = table(
  'in_hand',
  {
    id: text('id').primaryKey(),
    tenantId: refers(text('tenant_id').notNull(), () => tenants.id),
    accountId: refers(text('account_id').notNull(), () => accounts.id),
    leaseNumber: integer('lease_number').notNull(),
    messageIds: text('message_ids').notNull(), // a blank between two
    markedAt: instant('marked_at'), // since then their final dots may follow, and a lost answer means unknown; null: they were taken up
  },
  t => [index('in_hand_of_account').on(t.accountId), index('in_hand_of_tenant').on(t.tenantId)],
)

/** One try to hand a message to its server, written at its end; of one that a crash cut short by whoever finds it. */
export const attempts = table(
  'attempt',
  {
    id: text('id').primaryKey(),
    messageId: refers(text('message_id').notNull(), () => messages.id, { onDelete: 'cascade' }),
    tenantId: text('tenant_id').notNull(),
    accountId: text('account_id').notNull(),
    leaseNumber: integer('lease_number').notNull(),
    startedAt: instant('started_at').notNull(),
    dataEndingAt: instant('data_ending_at'), // when it was marked, before the final dot; null: it did not come to it
    endedAt: instant('ended_at'),
    outcome: text('outcome', { enum: ['accepted', 'waiting', 'refused', 'unknown'] }),
    phase: text('phase', { enum: phases }), // where it ended; null: nobody knows that it came to a conversation
    replyCode: integer('reply_code'),
    enhancedStatus: text('enhanced_status'),
    replyText: text('reply_text'), // what the server said, or the network's error; untranslated, secrets replaced
    errorCode: text('error_code'), // our word for a failure without a reply (lib/transport/failure.ts): timeout, connectionLost, certificateName …
    serverAddress: text('server_address'), // host and IP that were connected to
    tls: text('tls'), // protocol and cipher; null: an open connection
    durationMs: integer('duration_ms'),
  },
  t => [index('attempt_of_message').on(t.messageId, t.startedAt)],
)

/** A test whose conversation a browser follows. Its unsaved values are sealed here and wiped at its end. */
export const testSends = table(
  'test_send',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    loginId: text('login_id').notNull(),
    cardId: text('card_id').notNull(),
    messageId: text('message_id').notNull(),
    route: json('route').notNull(), // the route as shown, no secrets
    valuesSealed: text('values_sealed'), // the unsaved password; null: as saved, or wiped
    host: text('host'), // with the user name: counts refused logins; null through the relay
    username: text('username'),
    loginRefused: integer('login_refused').notNull().default(0),
    movesOffPassword: boolean('moves_off_password').notNull().default(false), // accepted, it switches the card to Microsoft 365
    runId: text('run_id'), // one of many that test how an account sends for each card; null: a test of its own
    createdAt: instant('created_at').notNull(),
    wipeAt: instant('wipe_at').notNull(),
    endedAt: instant('ended_at'),
    outcome: text('outcome', { enum: ['accepted', 'waiting', 'refused', 'unknown'] }), // null while it runs
  },
  t => [
    index('test_send_by_login').on(t.loginId, t.createdAt),
    index('test_send_by_tenant').on(t.tenantId, t.createdAt),
    index('test_send_by_run').on(t.runId),
    index('test_send_by_host').on(t.host, t.username, t.createdAt),
  ],
)

/** One step of the conversation of a test: what was said and how long it took. */
export const testSteps = table(
  'test_step',
  {
    id: text('id').primaryKey(),
    testSendId: text('test_send_id')
      .notNull()
      .references(() => testSends.id, { onDelete: 'cascade' }),
    tenantId: text('tenant_id').notNull(),
    position: integer('position').notNull(),
    step: json('step').notNull(), // a ConversationStep of lib/transport
  },
  t => [uniqueIndex('test_step_position').on(t.testSendId, t.position)],
)

export type Message = typeof messages.$inferSelect
export type Recipient = typeof recipients.$inferSelect
export type InHand = typeof inHand.$inferSelect
export type Attempt = typeof attempts.$inferSelect
export type TestSend = typeof testSends.$inferSelect
/** As people and programs see it: also `sending`, which is stored of none. */
export type MessageState = Message['state'] | 'sending'
export type MessageKind = Message['kind']
export type Phase = (typeof phases)[number]
