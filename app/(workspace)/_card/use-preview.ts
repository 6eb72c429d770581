'use client'

import { useEffect, useState } from 'react'
import { type Preview, preview } from './actions'
import type { SenderFields } from './card-view'

const pauseMs = 250

type OnScreen = { code: string; fields: SenderFields; savedFields: SenderFields; hasTypedPassword: boolean }

/** The route of what is on screen, and what the recipients see of those who follow it, a moment after the last key. What is no server yet leaves the last answer standing: `isStale`. */
export function usePreview(saved: Preview, { code, fields, savedFields, hasTypedPassword }: OnScreen): Preview & { isStale: boolean } {
  const [previewed, setPreviewed] = useState<Preview | null>(null)
  const [isStale, setStale] = useState(false)
  const { choice, server, tls, username, authorIsLogin } = fields
  const isAsSaved = !hasTypedPassword && JSON.stringify(fields) === JSON.stringify(savedFields)

  useEffect(() => {
    if (isAsSaved) {
      setStale(false)
      return setPreviewed(null)
    }
    let isCurrent = true
    const timer = setTimeout(async () => {
      const found = await preview({
        code,
        choice,
        server,
        tls,
        username,
        authorIsLogin: authorIsLogin ? 'on' : '',
        password: hasTypedPassword ? 'typed' : '',
      }).catch(() => undefined)
      if (found === undefined || !isCurrent) return
      if (found) setPreviewed(found)
      setStale(found === null)
    }, pauseMs)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [code, choice, server, tls, username, authorIsLogin, hasTypedPassword, isAsSaved])

  return { ...(isAsSaved ? saved : (previewed ?? saved)), isStale }
}
