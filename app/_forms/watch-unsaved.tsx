'use client'

import { useEffect, useRef } from 'react'
import { watchForm } from './unsaved'

const nothing: string[] = []

/**
 * Stands in a form whose values would be a loss: leaving the page asks while they differ from what was there. `saved`: something that
 * changes whenever what is on screen is what is saved; a form that is empty again after its action needs none. `except`: fields that are never saved.
 */
export function WatchUnsaved({ saved, except = nothing }: { saved?: string | number; except?: string[] }) {
  const mark = useRef<HTMLInputElement>(null)
  const watch = useRef<ReturnType<typeof watchForm>>(null)

  useEffect(() => {
    const form = mark.current?.form
    if (!form) return
    watch.current = watchForm(form, except)
    return watch.current.stop
  }, [except])
  // biome-ignore lint/correctness/useExhaustiveDependencies: that it changed says that the form was saved
  useEffect(() => watch.current?.remember(), [saved])

  return <input ref={mark} type="hidden" disabled />
}
