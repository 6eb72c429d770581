'use client'

import { useNow, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { StateHeadline } from '@/app/_ui/state'
import type { PausedAccount } from '@/lib/account/account-health'
import type { AccountUsage } from '@/lib/account/usage'
import type { Seen } from '@/lib/message/in-hand'
import type { MessageRow } from '@/lib/message/message'
import { UsageLine } from '../../_usage/usage-line'
import { actOnOne } from '../actions'
import { MendLink } from '../mend-link'
import { messageLook } from '../message-look'
import { partOf } from '../part-of'
import { WhyItStands } from '../why-it-stands'

type HeadlineProps = {
  message: Pick<Seen, 'id' | 'kind' | 'state' | 'waitingFor' | 'sendAt' | 'dueAt' | 'expiresAt' | 'endedAt' | 'queuedAt' | 'redirectedTo'>
  recipients: MessageRow['recipients']
  through: string
  isHeld: boolean
  usedUp: AccountUsage | null // the account has used its day up
  isResting: boolean // its server said that a quota is used up
  isPaused: boolean // its account: sending it now would change nothing
  paused: PausedAccount | null // the same account, where it is the reader's to know of
  ownCode: string
  mayRetry: boolean
  mayCancel: boolean
  mayLeave: boolean
}

/** How the message stands, in one sentence, and what can be done about it. */
export function MessageHeadline({
  message,
  recipients,
  through,
  isHeld,
  usedUp,
  isResting,
  isPaused,
  paused,
  ownCode,
  mayRetry,
  mayCancel,
  mayLeave,
}: HeadlineProps) {
  const t = useTranslations('outbox')
  const redirected = useTranslations('mailSwitch.message')
  const now = useNow()
  const [outcome, act] = useFormAction(actOnOne)
  const { state, sendAt, expiresAt, endedAt, queuedAt, redirectedTo } = message
  const { icon, tone } = messageLook[state]
  const why = <WhyItStands {...message} isHeld={isHeld} recipients={recipients} />
  const leavesAt = sendAt && sendAt > now && (state === 'queued' || state === 'waiting') ? sendAt : null
  const part = partOf(state, recipients)
  const queued = isHeld ? 'queuedHeld' : leavesAt ? 'queuedUntil' : usedUp || isResting ? 'queuedUsedUp' : 'queued'
  const title = t.rich(`message.headline.${part ? (`${part.state}Part` as const) : state === 'queued' ? queued : state}`, {
    then: (chunks: ReactNode) => <span className="then">{chunks}</span>,
    when: () => <RelativeTime at={leavesAt ?? (state === 'expired' ? expiresAt : (endedAt ?? queuedAt))} />,
    why: () => why,
    server: through,
    count: part?.count ?? 0,
    all: part?.all ?? 0,
    taken: part?.taken ?? 0,
  })
  const mend = paused?.mayMend ? <MendLink account={paused} ownCode={ownCode} /> : null
  const isTriable = mayRetry && !isPaused
  const actions =
    mend || isTriable || mayCancel || mayLeave ? (
      <>
        {mend}
        {isTriable ? (
          <SubmitButton name="intent" value="retry">
            {t('retry')}
          </SubmitButton>
        ) : null}
        {mayCancel || mayLeave ? (
          <SubmitButton look={mayCancel ? 'danger' : undefined} name="intent" value="cancel">
            {t(mayCancel ? 'cancel' : 'leave')}
          </SubmitButton>
        ) : null}
      </>
    ) : undefined
  return (
    <form action={act} className="stack">
      <input type="hidden" name="id" value={message.id} />
      <StateHeadline tone={tone} icon={icon} title={title} actions={actions}>
        {leavesAt && queued === 'queuedHeld' ? <p>{t.rich('message.notBefore', { when: () => <RelativeTime at={leavesAt} /> })}</p> : null}
        {usedUp && queued === 'queuedUsedUp' ? (
          <p>
            <UsageLine usage={usedUp} />
          </p>
        ) : null}
        {isPaused && state !== 'waiting' ? <p>{t('message.pausedFirst')}</p> : null}
        {paused ? <p>{t(`paused.${paused.reason}`, { label: paused.label })}</p> : null}
        {isPaused && !mend ? <p>{t('paused.others')}</p> : null}
        {redirectedTo ? <p>{redirected('willRedirect', { address: redirectedTo })}</p> : null}
        {state === 'refused' || state === 'bounced' ? <p className="mono">{why}</p> : null}
      </StateHeadline>
      <FormOutcome state={outcome} />
    </form>
  )
}
