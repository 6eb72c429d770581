'use client'

import { startTransition, useEffect } from 'react'
import type { FormState } from '@/app/_forms/form-state'
import { forgetUnsaved } from '@/app/_forms/unsaved'
import { useFormAction } from '@/app/_forms/use-form-action'
import { useMailboxAnyway as agree, connectAny, connectOwn, disconnect } from './actions'

type Run = (form: FormData) => void
type GoTo = { goTo: string }

/** The three things one does to a mailbox at Microsoft, and what came of the last. */
export type MicrosoftActions = {
  run: { connect: Run; agree: Run; disconnect: Run }
  state: FormState<unknown>
  errors: Record<string, string>
  goTo: string | null // where to go on, for a browser that is not led there
  isBusy: boolean
}

export const isMicrosoftAction = (name: string | undefined): name is keyof MicrosoftActions['run'] =>
  name === 'connect' || name === 'agree' || name === 'disconnect'

export function useMicrosoftActions({ byAdmin }: { byAdmin: boolean }): MicrosoftActions {
  const [connected, connect, isConnecting] = useFormAction<GoTo>(byAdmin ? connectAny : connectOwn)
  const [agreed, runAgree, isAgreeing] = useFormAction(agree)
  const [disconnected, runDisconnect, isDisconnecting] = useFormAction(disconnect)
  const goTo = connected.result?.goTo ?? null
  useEffect(() => {
    if (!goTo) return
    forgetUnsaved() // it has just been saved
    window.location.assign(goTo)
  }, [goTo])
  const states: FormState<unknown>[] = [connected, agreed, disconnected]
  const latest = states.sort((one, other) => order(other) - order(one))[0] ?? connected
  return {
    run: { connect: later(connect), agree: later(runAgree), disconnect: later(runDisconnect) },
    state: latest,
    errors: connected.status === 'refused' ? connected.fieldErrors : {},
    goTo,
    isBusy: isConnecting || isAgreeing || isDisconnecting,
  }
}

const later = (run: Run) => (form: FormData) => startTransition(() => run(form))

/** A refusal bears no time and is the news of this moment. */
const order = (state: FormState<unknown>) => (state.status === 'idle' ? 0 : state.savedAt ? Date.parse(state.savedAt) : Number.MAX_SAFE_INTEGER)
