'use client'

import { useFormatter, useLocale, useTranslations } from 'next-intl'
import { Button } from '@/app/_ui/button'
import { Checkbox } from '@/app/_ui/field'
import { Notice } from '@/app/_ui/state'
import { useSenderName } from '../_route/use-sender-name'
import { type CardPageView, type MicrosoftFacts, whoseIs } from './card-view'
import type { SenderFieldsState } from './use-sender-fields'

const bold = { b: (chunks: React.ReactNode) => <b>{chunks}</b> }

/** Said before saving: with an own server, errors and non-delivery are the user's. */
export function Responsibility({ view }: { view: CardPageView }) {
  const t = useTranslations('card')
  return (
    <Notice>
      <p>{t.rich('responsibility', { ...bold, whose: whoseIs(view) })}</p>
    </Notice>
  )
}

/** A mailbox that anybody may have at Microsoft lets no program in: said as soon as its address is on screen, with the way that is left. */
export function PersonalMailbox({ platform, onReplyTo }: { platform: string; onReplyTo: (() => void) | null }) {
  const t = useTranslations('discovery')
  const sender = useSenderName(platform)('replyTo')
  return (
    <Notice tone="attention" live>
      <p>{t.rich('ask.personalMailbox', { ...bold, sender, nowrap: chunks => <span className="nowrap">{chunks}</span> })}</p>
      {onReplyTo ? (
        <p className="actions mt-2">
          <Button small onClick={onReplyTo}>
            {t('choose', { sender })}
          </Button>
        </p>
      ) : null}
    </Notice>
  )
}

export function MailingNote({ view }: { view: CardPageView }) {
  return <p className="hint">{useTranslations('card')('mailingNote', { whose: whoseIs(view) })}</p>
}

/** Rule 7: From = the mailbox that signs in. */
export function AuthorIsLogin({ name, state: { fields, set }, isLocked }: { name: string; state: SenderFieldsState; isLocked: boolean }) {
  const t = useTranslations('card.authorIsLogin')
  return (
    <>
      <Checkbox
        name={name}
        checked={fields.authorIsLogin}
        disabled={isLocked}
        onChange={event => set({ authorIsLogin: event.target.checked })}
        hint={t('hint')}
      >
        {t('label')}
      </Checkbox>
      {isLocked && fields.authorIsLogin ? <input type="hidden" name={name} value="on" /> : null}
    </>
  )
}

/** Since when Microsoft takes no passwords; dates, and other words when there is news, come from the platform's profile. */
export function MicrosoftNotice({ notice }: { notice: MicrosoftFacts['notice'] }) {
  const t = useTranslations('card.microsoft')
  const format = useFormatter()
  const day = (text: string) => format.dateTime(new Date(`${text}T12:00:00Z`), 'dayOfYear')
  const [year = '', half = ''] = notice.finalDateAnnounced.split('-')
  const own = notice.text?.[useLocale() as keyof typeof notice.text]
  if (own)
    return (
      <Notice>
        <p>
          {own}{' '}
          <a href={notice.source} target="_blank" rel="noreferrer">
            {t('noticeSource')}
          </a>
        </p>
      </Notice>
    )
  return (
    <Notice>
      <p>
        {t.rich('notice', {
          ...bold,
          date: day(notice.date),
          offFrom: day(notice.offByDefaultFrom),
          year,
          half,
          link: chunks => (
            <a href={notice.source} target="_blank" rel="noreferrer">
              {chunks}
            </a>
          ),
        })}
      </p>
    </Notice>
  )
}
