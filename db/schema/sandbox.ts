import { kit } from '../dialect'

const { table, text, integer, instant, bytes, json, index } = kit

/** A message that the sandbox's own server took in place of the platform relay. Never in a live installation. */
export const capturedMessages = table(
  'captured_message',
  {
    id: text('id').primaryKey(),
    receivedAt: instant('received_at').notNull(),
    envelopeSender: text('envelope_sender').notNull(),
    envelopeRecipients: json('envelope_recipients').notNull(), // string[]
    username: text('username'), // who signed in; null: nobody
    subject: text('subject').notNull(),
    raw: bytes('raw').notNull(),
  },
  t => [index('captured_message_listing').on(t.receivedAt)],
)

export type CapturedMessage = typeof capturedMessages.$inferSelect

/** Where a sandbox's stand-in for Microsoft is now, and what it must remember over a restart. One row; never in a live installation. */
export const sandboxMicrosoft = table('sandbox_microsoft', {
  id: text('id').primaryKey(), // 'microsoft365'
  authority: text('authority'), // null: it does not run
  smtpPort: integer('smtp_port'), // null: it does not run
  grantsSealed: text('grants_sealed'), // null: nobody has signed in yet
})
