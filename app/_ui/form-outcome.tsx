'use client'

import type { FormState } from '@/app/_forms/form-state'
import { Notice } from './state'

/** What became of a form that was sent: *Saved*, or why not; said aloud too. */
export function FormOutcome({ state }: { state: FormState<unknown> }) {
  if (state.status === 'idle' || !state.message) return null
  return (
    <Notice key={state.savedAt} live tone={state.status === 'saved' ? 'works' : 'failed'}>
      <p>{state.message}</p>
    </Notice>
  )
}
