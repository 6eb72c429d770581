'use client'

import { useTranslations } from 'next-intl'
import { Button } from './button'

/** A bug reached the boundary: one sentence, the id under which the log has it, and a way to try again. No stack. */
export function Trouble({ id, retry }: { id: string | undefined; retry: () => void }) {
  const t = useTranslations('frame')
  return (
    <div role="alert" className="stack">
      <header className="page-head">
        <h1>{t('errorTitle')}</h1>
        <p>
          {t('errorText')}{' '}
          {id ? (
            <>
              {t('errorId')} <span className="mono">{id}</span>
            </>
          ) : null}
        </p>
      </header>
      <p className="actions">
        <Button onClick={retry}>{t('errorRetry')}</Button>
      </p>
    </div>
  )
}
