'use client'

import { useTranslations } from 'next-intl'
import { SubmitButton } from '@/app/_ui/button'

/** Ends a key, after a second thought: programs that use it stop at once. */
export function RevokeApiKey({ id, name, revoke }: { id: string; name: string; revoke: (form: FormData) => void }) {
  const t = useTranslations('apiKeys.revoke')
  return (
    <details className="more">
      <summary>
        {t('button')} <span className="unseen">{name}</span>
      </summary>
      <form action={revoke} className="mt-2 grid gap-2">
        <p className="hint">{t('means')}</p>
        <input type="hidden" name="id" value={id} />
        <SubmitButton small>{t('confirm')}</SubmitButton>
      </form>
    </details>
  )
}
