'use client'

import { useEffect, useState } from 'react'
import type { ConversationView, StreamedEnd, StreamedStep } from './conversation-view'

/** Follows a test while it runs. What the server rendered is the start; every step that comes replaces the one in its place. */
export function useConversation(initial: ConversationView): { view: ConversationView; isLost: boolean } {
  const [view, setView] = useState(initial)
  const [isLost, setLost] = useState(false)
  const { id, ended } = initial

  useEffect(() => {
    if (ended) return
    const source = new EventSource(`/test-send/${id}/stream`)
    source.addEventListener('step', event => {
      const { position, step }: StreamedStep = JSON.parse(event.data)
      setView(view => ({ ...view, steps: Object.assign([...view.steps], { [position]: step }) }))
    })
    source.addEventListener('end', event => {
      const { outcome }: StreamedEnd = JSON.parse(event.data)
      setView(view => ({ ...view, outcome, ended: true }))
      source.close()
    })
    source.addEventListener('replaced', () => {
      source.close() // else the browser would connect again, and take the place of the next tab
      setLost(true)
    })
    source.addEventListener('open', () => setLost(false))
    source.addEventListener('error', () => setLost(source.readyState === EventSource.CLOSED)) // else the browser connects again by itself
    return () => source.close()
  }, [id, ended])

  return { view, isLost }
}
