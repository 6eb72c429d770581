import type { IconName } from '@/app/_ui/icon'
import type { Tone } from '@/app/_ui/state'
import type { MessageState } from '@/db/schema'

/** Glyph and tone of each state. In a list the normal case is quiet; only exceptions carry a coloured word. */
export const messageLook: Record<MessageState, { icon: IconName; tone: Tone }> = {
  queued: { icon: 'queued', tone: 'quiet' },
  sending: { icon: 'sending', tone: 'quiet' },
  accepted: { icon: 'works', tone: 'works' },
  waiting: { icon: 'waiting', tone: 'waiting' },
  refused: { icon: 'failed', tone: 'failed' },
  unknown: { icon: 'unknown', tone: 'attention' },
  cancelled: { icon: 'cancelled', tone: 'quiet' },
  expired: { icon: 'expired', tone: 'failed' },
  bounced: { icon: 'bounced', tone: 'failed' },
}
