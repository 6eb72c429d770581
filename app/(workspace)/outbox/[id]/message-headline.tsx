'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, useActionState } from 'react'
import { idleForm } from '@/app/_forms/form-state'
import { SubmitButton } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { StateHeadline } from '@/app/_ui/state'
import type { Message } from '@/db/schema'
import type { PausedAccount } from '@/lib/account/account-health'
import type { MessageRow } from '@/lib/message/message'
import { actOnOne } from '../actions'
import { MendLink } from '../mend-link'
import { messageLook } from '../message-look'
import { WhyItStands } from '../why-it-stands'

type HeadlineProps = {
  message: Pick<Message, 'id' | 'state' | 'waitingFor' | 'dueAt' | 'endedAt' | 'queuedAt' | 'redirectedTo'>
  recipients: MessageRow['recipients']
  through: string
  paused: PausedAccount | null // the account that it waits for; sending it now would change nothing
  ownCode: string
  mayRetry: boolean
  mayCancel: boolean
}

/** How the message stands, in one sentence, and what can be done about it. */
export function MessageHeadline({ message, recipients, through, paused, ownCode, mayRetry, mayCancel }: HeadlineProps) {
  const t = useTranslations('outbox')
  const redirected = useTranslations('mailSwitch.message')
  const [outcome, act] = useActionState(actOnOne, idleForm)
  const { icon, tone } = messageLook[message.state]
  const why = <WhyItStands {...message} recipients={recipients} />
  const title = t.rich(`message.headline.${message.state}`, {
    then: (chunks: ReactNode) => <span className="then">{chunks}</span>,
    when: () => <RelativeTime at={message.endedAt ?? message.queuedAt} />,
    why: () => why,
    server: through,
  })
  const mend = paused?.mayMend ? <MendLink account={paused} ownCode={ownCode} /> : null
  const isTriable = mayRetry && !paused
  const actions =
    mend || isTriable || mayCancel ? (
      <>
        {mend}
        {isTriable ? (
          <SubmitButton name="intent" value="retry">
            {t('retry')}
          </SubmitButton>
        ) : null}
        {mayCancel ? (
          <SubmitButton look="danger" name="intent" value="cancel">
            {t('cancel')}
          </SubmitButton>
        ) : null}
      </>
    ) : undefined
  return (
    <form action={act} className="stack">
      <input type="hidden" name="id" value={message.id} />
      <StateHeadline tone={tone} icon={icon} title={title} actions={actions}>
        {paused && !mend ? <p>{t('paused.others')}</p> : null}
        {message.redirectedTo ? <p>{redirected(message.state === 'accepted' ? 'redirected' : 'willRedirect', { address: message.redirectedTo })}</p> : null}
        {message.state === 'refused' || message.state === 'bounced' ? <p className="mono">{why}</p> : null}
      </StateHeadline>
      <FormOutcome state={outcome} />
    </form>
  )
}
