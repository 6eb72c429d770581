import type { Attempt } from '@/db/schema'
import { errorCodeIn } from './failure'
import type { Ending } from './submission'

/** How a conversation ended, in one text: a person reads it, a pause keeps it, and `readEndingText` explains it later. */
export const endingText = ({ reply, errorText }: Pick<Ending, 'reply' | 'errorText'>): string | null =>
  reply ? [reply.code, reply.enhancedStatus, reply.text].filter(Boolean).join(' ') : errorText

/** The ending of an attempt as it is kept. */
export const endingOf = ({ replyCode, enhancedStatus, replyText }: Pick<Attempt, 'replyCode' | 'enhancedStatus' | 'replyText'>) =>
  replyCode ? { reply: { code: replyCode, enhancedStatus, text: replyText ?? '' }, errorText: null } : { reply: null, errorText: replyText }

const offered = 'Offered: '

/** Says that a server takes none of the sign-ins we know. */
export const offeredText = (mechanisms: string[]): string => `${offered}${mechanisms.join(' ') || 'nothing'}`

/** The reply that was kept, or our word for what broke; neither where the text tells neither. */
export function readEndingText(text: string): Pick<Ending, 'reply' | 'errorCode'> {
  const [, code, enhancedStatus = null, words = ''] = /^(\d{3})(?: ([245]\.\d{1,3}\.\d{1,3}))?(?: (.*))?$/s.exec(text) ?? []
  if (code) return { reply: { code: Number(code), enhancedStatus, text: words }, errorCode: null }
  return { reply: null, errorCode: text.startsWith(offered) ? 'authNotOffered' : errorCodeIn(text) }
}
