'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useRef } from 'react'
import type { FormState } from '@/app/_forms/form-state'
import { Notice } from './state'

/**
 * What became of a form that was sent: *Saved*, or why not; said aloud too. A refusal leads to the first field that is wrong, else to its
 * sentence; so does what was done where the pressed button is gone. `children`: what came of it, below the sentence.
 */
export function FormOutcome({ state, children }: { state: FormState<unknown>; children?: ReactNode }) {
  const t = useTranslations('frame')
  const sentence = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const isRefused = state.status === 'refused'
    const wrong = isRefused ? sentence.current?.closest('form')?.querySelector<HTMLElement>('[aria-invalid]') : null
    const isNowhere = document.activeElement === null || document.activeElement === document.body
    if (isRefused || (state.status === 'saved' && isNowhere)) (wrong ?? sentence.current)?.focus()
  }, [state])
  if (state.status === 'idle' || !state.message) return null
  return (
    <Notice key={state.savedAt} ref={sentence} live tone={state.status === 'saved' ? 'works' : 'failed'}>
      <p>{state.message}</p>
      {state.isSignedOut ? (
        <p className="mt-2">
          <a href="/login" target="_blank" rel="noopener">
            {t('signIn')}
          </a>
        </p>
      ) : null}
      {children}
    </Notice>
  )
}

/** The same below the fields of a section. */
export const SectionOutcome = ({ state, children }: { state: FormState<unknown>; children?: ReactNode }) =>
  state.status === 'idle' ? null : (
    <div className="mt-4">
      <FormOutcome state={state}>{children}</FormOutcome>
    </div>
  )
