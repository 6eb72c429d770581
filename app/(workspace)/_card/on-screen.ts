'use client'

import type { RefObject } from 'react'
import type { OnScreen } from '../_explanation/on-screen'
import type { SenderFields } from './card-view'

type Fields = { apply: (change: Partial<SenderFields>) => void; onPassword: (hasTyped: boolean) => void }

/** The card's form for those who mend what is typed in it. The password stays where it was typed: in its field. */
export function useOnScreen(form: RefObject<HTMLFormElement | null>, { apply, onPassword }: Fields): OnScreen {
  const password = () => form.current?.querySelector<HTMLInputElement>('[name=password]') ?? null
  return {
    apply,
    hasBlanks: () => /\s/.test(password()?.value ?? ''),
    removeBlanks: () => {
      const field = password()
      if (!field) return
      field.value = field.value.replace(/\s/g, '')
      onPassword(field.value !== '')
      field.focus()
    },
    focusPassword: () => password()?.focus(),
    form: () => (form.current ? new FormData(form.current) : null),
  }
}
