'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { revokeApiKey } from './actions'

/** Ends a key, after a second thought: programs that use it stop at once. */
export function RevokeApiKey({ id, name }: { id: string; name: string }) {
  const t = useTranslations('apiKeys.revoke')
  const [state, revoke] = useFormAction(revokeApiKey)
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
