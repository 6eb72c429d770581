import { kit } from '../dialect'

const { table, text, instant, bytes, json, index } = kit

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
