'use client'

import { useTranslations } from 'next-intl'
import { Button } from './button'

/** A bug reached the boundary: one sentence, the id under which the log has it, and a way to try again. No stack. To try again is to ask the server: what it answered is what is on screen. */
export function Trouble({ id }: { id: string | undefined }) {
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
        <Button onClick={() => location.reload()}>{t('errorRetry')}</Button>
      </p>
    </div>
  )
}
