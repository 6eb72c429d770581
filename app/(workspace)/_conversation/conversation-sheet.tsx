'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { Icon } from '@/app/_ui/icon'
import { StateHeadline, Status } from '@/app/_ui/state'
import type { ConversationView } from './conversation-view'
import { useOutcome } from './outcome-words'
import { StepList } from './step-list'
import type { StepContext } from './step-row'
import { useConversation } from './use-conversation'

type ConversationProps = Pick<StepContext, 'platform' | 'mend' | 'onScreen'> & { initial: ConversationView; expected: { isOpen: boolean; wantsLogin: boolean } }

/** The console's conversation: the headline state, and every step below it, live. */
export function ConversationHeadline({ view, isLost }: { view: ConversationView; isLost: boolean }) {
  const { tone, icon, sentence, took } = useOutcome(view, isLost)
  return (
    <div role="status">
      <StateHeadline tone={tone} icon={icon} title={sentence} aside={took} />
    </div>
  )
}

/**
 * The conversation below *Test these settings*: a line for the outcome, the steps, the download. It comes into view when it begins;
 * once it has ended the page is read anew, as it may have changed how the account stands.
 */
export function ConversationBelow(props: ConversationProps) {
  const { view, isLost } = useConversation(props.initial)
  const { tone, icon, sentence, took } = useOutcome(view, isLost)
  const router = useRouter()
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    ref.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  const hasJustEnded = view.ended && !props.initial.ended
  useEffect(() => {
    if (hasJustEnded) router.refresh()
  }, [hasJustEnded, router])
  return (
    <div ref={ref}>
      <div className="result" role="status">
        <Status tone={tone} icon={icon}>
          {sentence}
        </Status>
        <span className="hint">{took}</span>
      </div>
      <StepList {...props} view={view} />
      <DownloadLine id={view.id} ended={view.ended} />
    </div>
  )
}

export function DownloadLine({ id, ended }: { id: string; ended: boolean }) {
  const t = useTranslations('conversation')
  return ended ? (
    <div className="section-foot">
      <a className="button plain small" href={`/test-send/${id}/text`} download>
        <Icon name="download" /> {t('download')}
      </a>
    </div>
  ) : null
}
