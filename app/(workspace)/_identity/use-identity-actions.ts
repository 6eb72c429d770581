'use client'

import { startTransition } from 'react'
import type { FormState } from '@/app/_forms/form-state'
import { useFormAction } from '@/app/_forms/use-form-action'
import { sendAllAsLogin, testIdentities, testIdentitiesOnScreen } from './actions'

type Run = (form: FormData) => void

/** The two things one does about the From of everybody, and what came of each. */
export type IdentityActions = { run: { test: Run; asLogin: Run }; tested: FormState; changed: FormState; isBusy: boolean }

export const isIdentityAction = (name: string | undefined): name is keyof IdentityActions['run'] => name === 'test' || name === 'asLogin'

/** `onScreen`: the values of the form that the buttons stand in are tried, not the saved ones. */
export function useIdentityActions({ onScreen }: { onScreen: boolean }): IdentityActions {
  const [tested, test, isTesting] = useFormAction(onScreen ? testIdentitiesOnScreen : testIdentities)
  const [changed, change, isChanging] = useFormAction(sendAllAsLogin)
  return { run: { test, asLogin: change }, tested, changed, isBusy: isTesting || isChanging }
}

/** For a form that sends by itself and must not be emptied. */
export const runIdentityAction = ({ run, isBusy }: IdentityActions, name: keyof IdentityActions['run'], form: FormData) => {
  if (!isBusy) startTransition(() => run[name](form))
}
