import { z } from 'zod'
import { digits } from '@/lib/digits'
import { messageStates } from '@/lib/message/message-state'
import { mostInBatch } from './message-schema'

/** What programs get, and what they may ask for. */

const instant = z.iso.datetime()
const reply = z
  .object({ code: z.int(), enhanced_status: z.string().nullable(), text: z.string() })
  .nullable()
  .meta({ description: 'What the server said, in its own words.' })
const status = z.enum(messageStates)

export const queuedAnswer = z.object({ id: z.string(), status: z.literal('queued') })
export const batchAnswer = z.object({ messages: z.array(queuedAnswer).max(mostInBatch) })

const recipientAnswer = z.object({ field: z.enum(['to', 'cc', 'bcc']), address: z.string(), status, reply })
const attemptAnswer = z.object({
  started_at: instant,
  ended_at: instant.nullable(),
  outcome: z.enum(['accepted', 'waiting', 'refused', 'unknown']).nullable(),
  phase: z
    .string()
    .nullable()
    .meta({ description: 'How far it came: dns, connect, tls, ehlo, auth, mail, rcpt, data, reply; null: it never came to a conversation.' }),
  reply,
  error: z.string().nullable().meta({ description: 'Our word for a failure without a reply: timeout, connectionLost, hostNotFound, certificateUntrusted …' }),
  explanation: z
    .object({ code: z.string(), sure: z.boolean(), retry: z.enum(['later', 'user', 'never']) })
    .nullable()
    .meta({
      description:
        'What the failure means, as the pages explain it: a stable code (loginRefused, certificateUntrusted, tooMuch …), whether it is certain, and whether time, a person or nothing mends it.',
    }),
  server: z.string().nullable(),
  tls: z.string().nullable(),
  duration_ms: z.int().nullable(),
})

export const messageAnswer = z.object({
  id: z.string(),
  status,
  waiting_for: z.string().nullable(),
  held: z.boolean().meta({
    description:
      'All mail of the company is held, by its admin or by the operator: what has not left stays until it is let go. False once it has ended, and for tests.',
  }),
  kind: z.enum(['test', 'notice', 'document', 'letter']),
  from_user: z.string(),
  from: z.object({ name: z.string(), address: z.string() }),
  reply_to: z.string().nullable(),
  envelope_sender: z.string(),
  message_id: z.string(),
  subject: z.string(),
  document: z.object({ type: z.string().nullable(), number: z.string().nullable() }).nullable(),
  size_bytes: z.int(),
  redirected_to: z.string().nullable().meta({
    description: 'All mail of the company went there, instead of to the recipients, when this was queued: their status and reply are of that address.',
  }),
  resend_of: z.string().nullable().meta({ description: 'The message that this one sends again to another address.' }),
  queued_at: instant,
  next_attempt_at: instant.nullable(),
  expires_at: instant,
  ended_at: instant.nullable(),
  recipients: z.array(recipientAnswer),
})

export const fullMessageAnswer = messageAnswer.extend({
  text_removed: z.boolean().meta({ description: 'The company keeps texts so many days after the end; then it cannot be sent again.' }),
  attempts: z.array(attemptAnswer),
})
export const listAnswer = z.object({
  messages: z.array(messageAnswer),
  next: z.string().nullable().meta({ description: 'Give it back as `before` for the next page.' }),
})

const sourced = <T extends z.ZodType>(value: T) =>
  z.object({ value, origin: z.object({ source: z.enum(['card', 'base', 'company', 'platform', 'username']), code: z.string().nullable() }) }).nullable()

export const routeAnswer = z.object({
  user: z.string(),
  sender: sourced(z.enum(['platform', 'smtp', 'microsoft365', 'replyTo'])),
  follows: z.string().nullable(),
  server: sourced(z.object({ host: z.string(), port: z.int(), tls: z.enum(['none', 'implicit', 'starttls']) })),
  username: sourced(z.string()),
  envelope_sender: sourced(z.string()),
  from: sourced(z.object({ name: z.string(), address: z.string() })),
  reply_to: sourced(z.string()),
  problem: z.object({ reason: z.string(), user: z.string() }).nullable().meta({ description: 'Why mail of this user waits now, and whose settings mend it.' }),
})

export const errorAnswer = z.object({
  error: z.object({
    code: z.string().meta({ description: 'Stays the same; programs decide by it.' }),
    message: z.string().meta({ description: 'A sentence for people, in the language of Accept-Language.' }),
    field: z.string().nullable(),
    request_id: z.string(),
  }),
})

const text = (most: number) =>
  z
    .string()
    .max(most, 'tooLong')
    .refine(given => !/[\p{Cc}\p{Cs}]/u.test(given), 'lineUnsafe')
const known = text(100)
const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59, 999) // an offset may lead beyond it, where databases and years of four digits end
const moment = z.iso
  .datetime({ offset: true, error: 'instantInvalid' })
  .refine(text => new Date(text).getTime() >= 0 && new Date(text).getTime() <= lastMoment, 'instantInvalid')
export const listQuery = z.strictObject({
  status: status.optional(),
  from_user: known.optional(),
  kind: z.enum(['test', 'notice', 'document', 'letter']).optional(),
  document_type: known.optional(),
  document_number: known.optional(),
  search: text(200).optional().meta({ description: 'Words of the subject, of the document’s number or of addresses, or what they begin with.' }),
  since: moment.optional(),
  until: moment.optional(),
  limit: z.preprocess(digits, z.int('limitInvalid').min(1, 'limitInvalid').max(200, 'limitInvalid').default(50)),
  before: known.optional(),
})

export type ListQuery = z.output<typeof listQuery>
