'use client'

import { useTranslations } from 'next-intl'
import type { FormState } from '@/app/_forms/form-state'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { StateHeadline } from '@/app/_ui/state'

type RerouteNoticeProps = {
  count: number
  action: (before: FormState, form: FormData) => Promise<FormState>
  code?: string // of the card; none: all of the company
}

/** Messages that were queued before the settings changed stay as they were, until a person says otherwise. */
export function RerouteNotice({ count, action, code }: RerouteNoticeProps) {
  const t = useTranslations('card.reroute')
  const [state, send] = useFormAction(action)
  if (count === 0) return <FormOutcome state={state} />
  return (
    <form action={send}>
      {code ? <input type="hidden" name="code" value={code} /> : null}
      <StateHeadline tone="waiting" title={t('text', { count })} actions={<SubmitButton>{t('button', { count })}</SubmitButton>} />
      <FormOutcome state={state} />
    </form>
  )
}
