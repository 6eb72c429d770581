import { z } from 'zod'
import { payloadExamples } from '@/lib/webhook/payload-example'
import { type Payloads, payloads } from '@/lib/webhook/payload-schema'

type Schema = Record<string, unknown>
type Event = keyof Payloads

/** What each event means. */
const summaries: Record<Event, string> = {
  'message.queued': 'A message is queued.',
  'message.accepted': 'The server accepted a message, for every recipient.',
  'message.waiting': 'A message waits: for another try, or for somebody who mends its account.',
  'message.refused': 'A message was refused, for one recipient at least.',
  'message.unknown': 'The connection broke before the server answered, so nobody knows whether a message went out.',
  'message.expired': 'A message was tried for as long as it may be, and has ended.',
  'message.cancelled': 'A message was cancelled, and has ended.',
  'account.paused': 'An account is paused and its mail waits until somebody mends it.',
  'account.resumed': 'An account that was paused sends again.',
  'account.expiring': 'A sign-in with Microsoft could not be renewed and will soon end.',
  'webhook.test': 'Somebody pressed the button for a test event, whatever the webhook listens to.',
}

/** The headers of Standard Webhooks, as they come with every event. */
const signedBy = [
  {
    name: 'webhook-id',
    description: 'Of the event: the same at every try, and when it is sent again from the log. Remember those you have seen.',
    pattern: '^[0-9a-z_]{26,80}$',
  },
  {
    name: 'webhook-timestamp',
    description: 'Seconds since 1970, of this try. Refuse one that is minutes away from your clock: it may be an old one, replayed.',
    pattern: '^[0-9]{1,12}$',
  },
  {
    name: 'webhook-signature',
    description:
      'One signature or several, with a blank between them: one of them must be `v1,` and the base64 of HMAC-SHA256 over webhook-id, `.`, webhook-timestamp, `.` and the body as it came, byte for byte. The key is the base64 after `whsec_` in the secret. While a secret is changed, the new one and those before it sign.',
    pattern: '^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*$',
  },
].map(({ name, description, pattern }) => ({ name, in: 'header', required: true, description, schema: { type: 'string', pattern } }))

const answers = {
  '2XX': { description: 'Taken, within 15 seconds. Everything else, and a redirect too, is tried again for three days with growing waits.' },
  410: { description: 'Nobody wants to hear more: the webhook is switched off.' },
  '4XX': { description: 'Not taken: tried again. `Retry-After` is heeded, up to an hour.' },
  '5XX': { description: 'Not taken: tried again, and the address is left in peace for a while. `Retry-After` is heeded, up to an hour.' },
}

/** What is posted to the addresses at /settings/webhooks, from the schemas that what is posted is made by. */
export const openApiWebhooks = (): Schema => Object.fromEntries(Object.keys(payloads).map(event => [event, { post: operationOf(event as Event) }]))

function operationOf(event: Event): Schema {
  const { $schema, ...schema } = z.toJSONSchema(payloads[event], { io: 'output' })
  return {
    operationId: event.replace(/\.(.)/, (_, letter: string) => letter.toUpperCase()),
    summary: summaries[event],
    security: [], // its signature stands for it
    parameters: signedBy,
    requestBody: { required: true, content: { 'application/json': { schema, example: payloadExamples[event] } } },
    responses: answers,
  }
}
