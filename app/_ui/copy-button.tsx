'use client'

import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { Icon } from './icon'

/** Copies a text and says so, without changing its width. `of` tells screen readers what is copied. */
export function CopyButton({ text, of, label }: { text: string; of?: string; label?: string }) {
  const t = useTranslations('state')
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [isCopied])

  async function copy() {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }

  return (
    <button type="button" className="button plain small copy" onClick={copy}>
      <Icon name={isCopied ? 'tick' : 'copy'} />
      <span className="copy-words">
        <span className={isCopied ? 'is-away' : ''}>{label ?? t('copy')}</span>
        <span className={isCopied ? '' : 'is-away'} aria-live="polite">
          {isCopied ? t('copied') : ''}
        </span>
      </span>
      {of ? <span className="unseen"> {of}</span> : null}
    </button>
  )
}
