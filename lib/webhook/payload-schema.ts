import { z } from 'zod'
import { accounts, messages, recipients } from '@/db/schema'
import { testEvent, type WebhookEvent, webhookEvents } from './event'

/**
 * What a webhook is told, in the shape `{type, timestamp, data}` of Standard Webhooks: `composePayload` is held to it, and the
 * description of the API shows it. What a table no longer knows of its subject is null.
 */

const instant = z.iso.datetime()
const codes = (all: readonly string[]) => all.join(', ')

const reply = z
  .strictObject({ code: z.int(), enhanced_status: z.string().nullable(), text: z.string() })
  .nullable()
  .meta({ description: 'What the server said, in its own words; null: it said nothing, or no attempt is told of.' })

const states = ['queued', 'accepted', 'waiting', 'refused', 'unknown', 'expired', 'cancelled'] as const

const messageFacts = z.strictObject({
  message_id: z.string().meta({ description: 'As POST /messages answered it. By the SMTP door: what it said after `queued as`.' }),
  state: z.enum(states),
  kind: z.enum(messages.kind.enumValues).nullable(),
  user: z.string().nullable().meta({ description: 'The code of the user whose settings it leaves by.' }),
  rfc_message_id: z.string().nullable().meta({ description: 'The Message-ID of its header, without angle brackets.' }),
  queued_at: instant.nullable(),
  reply,
  recipients: z
    .array(z.strictObject({ address: z.string(), state: z.enum(recipients.state.enumValues), reply }))
    .nullable()
    .meta({ description: 'What became of each, after an attempt; null: there was none, or the message was ended without one.' }),
  redirected_to: z.string().nullable().meta({
    description: 'Where it goes instead of to the recipients, while all mail of the company is redirected: their state and reply are of that address.',
  }),
  error: z.string().nullable().meta({ description: 'Our word for a failure without a reply: timeout, connectionLost, hostNotFound, certificateUntrusted …' }),
  reason: z
    .string()
    .nullable()
    .meta({ description: `Why it waits or is unknown: ${codes(messages.waitingFor.enumValues)}; null: the state says it all.` }),
  next_attempt_at: instant.nullable(),
})

const accountFacts = z.strictObject({
  account_id: z.string(),
  kind: z.enum(accounts.kind.enumValues).nullable(),
  server: z.string().nullable(),
  username: z.string().nullable(),
  user: z.string().nullable().meta({ description: 'The code of the user whose login it is.' }),
  reason: z
    .string()
    .nullable()
    .meta({ description: `Why it is paused: ${codes(accounts.pauseReason.enumValues)}. Why it expires: consentUnused.` }),
  text: z.string().nullable().meta({ description: 'What the server said when it was paused.' }),
  expires_at: instant.nullable().meta({ description: 'When Microsoft ends the sign-in, unless somebody signs in again.' }),
})

export type MessageFacts = z.output<typeof messageFacts>
export type AccountFacts = z.output<typeof accountFacts>

const timestamp = instant.meta({ description: 'When it happened; the same at every try.' })

/** What the events of messages, and those of accounts, have in common: for people, who would read the same table seven times. */
export const sharedShapes = {
  message: z.strictObject({ type: z.enum(webhookEvents.filter(event => event.startsWith('message.'))), timestamp, data: messageFacts }),
  account: z.strictObject({ type: z.enum(webhookEvents.filter(event => event.startsWith('account.'))), timestamp, data: accountFacts }),
}

const payload = <Type extends string, Facts extends z.ZodObject>(type: Type, data: Facts) => z.strictObject({ type: z.literal(type), timestamp, data })

const ofMessage = <State extends (typeof states)[number]>(state: State) => payload(`message.${state}`, messageFacts.extend({ state: z.literal(state) }))

/** The body of each event. */
export const payloads = {
  'message.queued': ofMessage('queued'),
  'message.accepted': ofMessage('accepted'),
  'message.waiting': ofMessage('waiting'),
  'message.refused': ofMessage('refused'),
  'message.unknown': ofMessage('unknown'),
  'message.expired': ofMessage('expired'),
  'message.cancelled': ofMessage('cancelled'),
  'account.paused': payload('account.paused', accountFacts),
  'account.resumed': payload('account.resumed', accountFacts),
  'account.expiring': payload('account.expiring', accountFacts),
  [testEvent]: payload(testEvent, z.strictObject({ webhook_id: z.string() })),
} satisfies Record<WebhookEvent | typeof testEvent, z.ZodType>

export type Payloads = { [Event in keyof typeof payloads]: z.output<(typeof payloads)[Event]> }
