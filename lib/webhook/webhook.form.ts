import { z } from 'zod'
import { webhookEvents } from './event'

/** An address that events are sent to. What it may be in this installation is checked at saving. */
const urlField = z
  .string()
  .trim()
  .max(500, 'urlInvalid')
  .refine(text => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'urlInvalid')
  .refine(text => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''), 'urlWithPassword')
  .transform(text => new URL(text).href)

const listOf = (picked: unknown) => (typeof picked === 'string' ? [picked] : (picked ?? []))

export const webhookForm = z.object({
  url: urlField,
  events: z.preprocess(listOf, z.array(z.enum(webhookEvents, 'eventsNeeded')).min(1, 'eventsNeeded')),
})

export type WebhookInput = z.output<typeof webhookForm>
