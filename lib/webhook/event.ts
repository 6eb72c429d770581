/** What a webhook may be told. Client-safe. */
export const webhookEvents = [
  'message.queued',
  'message.accepted',
  'message.waiting',
  'message.refused',
  'message.unknown',
  'message.expired',
  'message.cancelled',
  'account.paused',
  'account.resumed',
  'account.expiring',
] as const

export type WebhookEvent = (typeof webhookEvents)[number]

/** The event that a person sends from the page, whatever the webhook listens to. */
export const testEvent = 'webhook.test'

/** As the column keeps them: a blank before and after each name, so that one can be looked for. */
export const joinEvents = (events: readonly WebhookEvent[]) => ` ${events.join(' ')} `
/** What `joinEvents` has written. */
export const splitEvents = (text: string) => text.trim().split(' ') as WebhookEvent[]
