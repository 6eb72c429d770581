import type { IconName } from '@/app/_ui/icon'
import type { Tone } from '@/app/_ui/state'
import type { WebhookView } from '@/lib/webhook/webhook'

type Look = { state: 'works' | 'failing' | 'off' | 'disabledFailing' | 'disabledGone'; tone: Tone; icon?: IconName }

/** How a webhook stands; sentences under `webhooks.state` and `webhooks.headline`. */
export function webhookLook({ isActive, disabledBecause, failingSince }: Pick<WebhookView, 'isActive' | 'disabledBecause' | 'failingSince'>): Look {
  if (disabledBecause) return { state: disabledBecause === 'gone' ? 'disabledGone' : 'disabledFailing', tone: 'failed' }
  if (!isActive) return { state: 'off', tone: 'quiet', icon: 'cancelled' }
  return failingSince ? { state: 'failing', tone: 'attention' } : { state: 'works', tone: 'works' }
}
