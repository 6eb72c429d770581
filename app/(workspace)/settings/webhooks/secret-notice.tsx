'use client'

import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { CopyButton } from '@/app/_ui/copy-button'
import { Notice } from '@/app/_ui/state'

/** A secret that was just made. It is not shown again. */
export function SecretNotice({ secret, title, children }: { secret: string; title: string; children?: ReactNode }) {
  const t = useTranslations('webhooks.secret')
  return (
    <div className="mt-4">
      <Notice tone="works" live>
        <p>
          <b>{title}</b> {t('once')}
        </p>
        <div className="mt-2 flex flex-wrap items-center gap-3">
          <code className="mono [overflow-wrap:anywhere]">{secret}</code>
          <CopyButton text={secret} of={t('title')} />
        </div>
        {children}
      </Notice>
    </div>
  )
}
