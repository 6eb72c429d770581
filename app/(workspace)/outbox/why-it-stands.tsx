import { useTranslations } from 'next-intl'
import { RelativeTime } from '@/app/_ui/relative-time'
import type { MessageRow } from '@/lib/message/message'
import { cutAtWord, replyLine } from '../_conversation/step-words'

type WhyProps = Pick<MessageRow, 'state' | 'waitingFor' | 'dueAt'> & {
  recipients: Pick<MessageRow['recipients'][number], 'state' | 'replyCode' | 'enhancedStatus' | 'replyText'>[]
}

/** Why a message waits, and until when; what the server said to one it refused. Null where the state says it all. */
export function WhyItStands({ state, waitingFor, dueAt, recipients }: WhyProps) {
  const t = useTranslations('outbox')
  if (state === 'waiting' || state === 'unknown') {
    const reason = waitingFor ?? (state === 'unknown' ? 'noAnswer' : 'other')
    return (
      <>
        {t(`waitingFor.${reason}`)} {dueAt && reason !== 'accountPaused' ? t.rich('next', { when: () => <RelativeTime at={dueAt} /> }) : null}
      </>
    )
  }
  const refused = recipients.find(recipient => (recipient.state === 'refused' || recipient.state === 'bounced') && recipient.replyCode)
  const { replyCode, enhancedStatus, replyText } = refused ?? {}
  return replyCode ? cutAtWord(replyLine({ code: replyCode, enhancedStatus: enhancedStatus ?? null, text: replyText ?? '' }), 110) : null
}
