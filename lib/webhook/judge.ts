import type { Webhook, WebhookDelivery } from '@/db/schema'
import { after, days, hours, minutes, now, seconds } from '@/lib/clock'
import type { Posted } from './post-event'

/** After a failed try; ten tries and about three days in all, as Standard Webhooks proposes. */
const waits = [seconds(5), minutes(5), minutes(30), hours(2), hours(5), hours(10), hours(14), hours(20), hours(24)]
const longestRestMs = minutes(10)
const longestRetryAfterMs = hours(1)
const disabledAfterMs = days(5)

export type Verdict = {
  stops: boolean // the address itself does not answer: leave it in peace for a while
  webhook: Partial<Pick<Webhook, 'failingSince' | 'failureCount' | 'notBefore' | 'isActive' | 'disabledBecause'>>
  delivery: Pick<WebhookDelivery, 'state' | 'dueAt' | 'endedAt'>
}

/**
 * What an answer means. 2xx is delivered; 410 says that nobody wants to hear more; everything else is tried again with
 * growing, jittered waits. A webhook to which nothing could be delivered for five days is switched off.
 */
export function judge(webhook: Webhook, { attemptCount }: Pick<WebhookDelivery, 'attemptCount'>, posted: Posted): Verdict {
  const at = now()
  const { status } = posted
  if (status !== null && status >= 200 && status < 300) {
    return {
      stops: false,
      webhook: webhook.failingSince ? { failingSince: null, failureCount: 0, notBefore: null } : { failureCount: 0 },
      delivery: { state: 'delivered', dueAt: null, endedAt: at },
    }
  }
  const failingSince = (webhook.failureCount > 0 && webhook.failingSince) || at
  const failureCount = webhook.failureCount + 1
  const disabledBecause = status === 410 ? 'gone' : at.getTime() - failingSince.getTime() >= disabledAfterMs ? 'failing' : null
  const retryAfterMs = Math.min(seconds(posted.retryAfterSeconds ?? 0), longestRetryAfterMs)
  const wait = Math.max(jittered(waits[attemptCount]), retryAfterMs)
  const isLast = attemptCount >= waits.length
  const stops = status === null || status === 429 || status >= 500
  const rest = stops ? Math.min(jittered(waits[Math.min(failureCount - 1, waits.length - 1)]), longestRestMs) : 0
  return {
    stops,
    webhook: {
      failingSince,
      failureCount,
      ...(stops ? { notBefore: after(at, Math.max(rest, retryAfterMs)) } : {}),
      ...(disabledBecause ? { isActive: false, disabledBecause } : {}),
    },
    delivery: isLast || disabledBecause ? { state: 'failed', dueAt: null, endedAt: at } : { state: 'pending', dueAt: after(at, wait), endedAt: null },
  }
}

const jittered = (wait = 0) => Math.round(wait * (0.9 + Math.random() * 0.2))
