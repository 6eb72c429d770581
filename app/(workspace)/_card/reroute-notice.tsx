'use client'

import { useTranslations } from 'next-intl'
import { useActionState } from 'react'
import { idleForm } from '@/app/_forms/form-state'
import { SubmitButton } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { StateHeadline } from '@/app/_ui/state'
import { reroute } from './actions'

/** Messages that were queued before the settings changed stay as they were, until a person says otherwise. */
export function RerouteNotice({ code, count }: { code: string; count: number }) {
  const t = useTranslations('card.reroute')
  const [state, send] = useActionState(reroute, idleForm)
  if (count === 0) return <FormOutcome state={state} />
  return (
    <form action={send}>
      <input type="hidden" name="code" value={code} />
      <StateHeadline tone="waiting" title={t('text', { count })} actions={<SubmitButton>{t('button', { count })}</SubmitButton>} />
      <FormOutcome state={state} />
    </form>
  )
}
