'use client'

import { useTranslations } from 'next-intl'
import { useActionState } from 'react'
import { idleForm } from '@/app/_forms/form-state'
import { SubmitButton } from '@/app/_ui/button'
import { revokeApiKey } from './actions'

/** Ends a key, after a second thought: programs that use it stop at once. */
export function RevokeApiKey({ id, name }: { id: string; name: string }) {
  const t = useTranslations('apiKeys.revoke')
  const [state, revoke] = useActionState(revokeApiKey, idleForm)
  return (
    <details className="more">
      <summary>
        {t('button')} <span className="unseen">{name}</span>
      </summary>
      <form action={revoke} className="mt-2 grid gap-2">
        <p className="hint">{t('means')}</p>
        <input type="hidden" name="id" value={id} />
        <SubmitButton small>{t('confirm')}</SubmitButton>
        {state.status === 'refused' ? <p className="error">{state.message}</p> : null}
      </form>
    </details>
  )
}
