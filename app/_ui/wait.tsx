'use client'

import { useLinkStatus } from 'next/link'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { Icon } from './icon'

const patienceMilliseconds = 150 // a sign that comes and goes at once would only flicker

/** Says that something is on its way once that takes longer than most. It lies over what is there, so nothing moves. */
export function Wait({ isPending }: { isPending: boolean }) {
  const t = useTranslations('state')
  const isLong = useIsLong(isPending)
  return (
    <span className={isPending ? 'wait is-pending' : 'wait'} aria-live="polite">
      {isLong ? (
        <>
          <Icon name="running" className="is-running" />
          <span className="unseen">{t('loading')}</span>
        </>
      ) : null}
    </span>
  )
}

/** Inside a link: the page it leads to is on its way. */
export function LinkWait() {
  return <Wait isPending={useLinkStatus().pending} />
}

function useIsLong(isPending: boolean): boolean {
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    if (!isPending) return
    const patience = setTimeout(() => setLong(true), patienceMilliseconds)
    return () => {
      clearTimeout(patience)
      setLong(false)
    }
  }, [isPending])
  return isPending && isLong
}
