import { useNow, useTranslations } from 'next-intl'
import { RelativeTime } from '@/app/_ui/relative-time'
import type { MessageRow } from '@/lib/message/message'
import { cutAtWord, replyLine } from '../_conversation/step-words'

type WhyProps = Pick<MessageRow, 'kind' | 'state' | 'waitingFor' | 'sendAt' | 'dueAt' | 'isHeld'> & {
  recipients: Pick<MessageRow['recipients'][number], 'state' | 'replyCode' | 'enhancedStatus' | 'replyText'>[]
}

/** Why a message waits, and until when; what the server said to one it refused. Null where the state says it all. */
export function WhyItStands({ kind, state, waitingFor, sendAt, dueAt, isHeld, recipients }: WhyProps) {
  const t = useTranslations('outbox')
  const now = useNow()
  if (state === 'queued' && isHeld) return t('held')
  if (state === 'queued' && sendAt && sendAt > now) return t.rich('leaves', { when: () => <RelativeTime at={sendAt} /> })
  if (state === 'waiting' || state === 'unknown') {
    const reason = waitingFor ?? (state === 'unknown' ? 'noAnswer' : 'other')
    const isTriedAgain = reason !== 'accountPaused' && reason !== 'setAside' && !(state === 'unknown' && kind === 'letter') // those are due when they expire
    return (
      <>
        {t(`waitingFor.${reason}`)} {isHeld ? t('held') : dueAt && isTriedAgain ? t.rich('next', { when: () => <RelativeTime at={dueAt} /> }) : null}
      </>
    )
  }
  const refused = recipients.find(recipient => (recipient.state === 'refused' || recipient.state === 'bounced') && recipient.replyCode)
  const { replyCode, enhancedStatus, replyText } = refused ?? {}
  return replyCode ? cutAtWord(replyLine({ code: replyCode, enhancedStatus: enhancedStatus ?? null, text: replyText ?? '' }), 110) : null
}
