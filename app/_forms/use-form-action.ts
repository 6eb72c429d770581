'use client'

import { useTranslations } from 'next-intl'
import { useActionState } from 'react'
import { type FormState, idleForm } from './form-state'
import { keepTyped } from './keep-typed'

const isOnServer = typeof window === 'undefined'

/** The state of a form and what sends it. In a browser that cannot reach the server, what was typed stays. */
export function useFormAction<Result = undefined>(action: (before: FormState<Result>, form: FormData) => Promise<FormState<Result>>) {
  const t = useTranslations('state')
  // as it is where the form is written: React puts the action's name into it, for browsers without JavaScript
  return useActionState<FormState<Result>, FormData>(isOnServer ? action : keepTyped(action, t('offline')), idleForm)
}
