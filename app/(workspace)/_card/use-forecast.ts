'use client'

import { useEffect, useState } from 'react'
import type { Forecast } from '@/lib/deliverability/forecast'
import type { SenderFields } from './card-view'

const pauseMs = 600

/** What DNS says about the values on screen, a moment after the last key; undefined while it is asked. Not a server action: those wait for each other. */
export function useForecast(code: string, { choice, server, tls, username }: SenderFields): Forecast | null | undefined {
  const [found, setFound] = useState<Forecast | null | undefined>(undefined)
  useEffect(() => {
    const stop = new AbortController()
    const values = { code, choice, server, tls, username }
    const timer = setTimeout(async () => {
      try {
        const answer = await fetch('/settings/user/forecast', { method: 'POST', body: JSON.stringify(values), signal: stop.signal })
        setFound(answer.ok ? ((await answer.json()) as Forecast | null) : null)
      } catch {
        if (!stop.signal.aborted) setFound(null)
      }
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [code, choice, server, tls, username])
  return found
}
