'use client'

import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { FormState } from '@/app/_forms/form-state'
import { CopyButton } from '@/app/_ui/copy-button'
import { FormOutcome } from '@/app/_ui/form-outcome'

/** What became of making a secret, and the secret itself: it is not shown again. */
export function SecretNotice({ state, children }: { state: FormState<{ secret: string }>; children?: ReactNode }) {
  const t = useTranslations('webhooks.secret')
  if (state.status === 'idle') return null
  return (
    <div className="mt-4">
      <FormOutcome state={state}>
        {state.result ? (
          <>
            <p>{t('once')}</p>
            <div className="mt-2 flex flex-wrap items-center gap-3">
              <code className="mono [overflow-wrap:anywhere]">{state.result.secret}</code>
              <CopyButton text={state.result.secret} of={t('title')} />
            </div>
            {children}
          </>
        ) : null}
      </FormOutcome>
    </div>
  )
}
