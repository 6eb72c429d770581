'use client'

import { useEffect, useState } from 'react'
import { type Preview, preview } from './actions'
import type { SenderFields } from './card-view'

const pauseMs = 250

type OnScreen = { code: string; fields: SenderFields; savedFields: SenderFields; hasTypedPassword: boolean }

/** The route of what is on screen, and what the recipients see of those who follow it, a moment after the last key. What is no server yet leaves the last answer standing. */
export function usePreview(saved: Preview, { code, fields, savedFields, hasTypedPassword }: OnScreen): Preview {
  const [previewed, setPreviewed] = useState<Preview | null>(null)
  const { choice, server, tls, username, authorIsLogin } = fields
  const isAsSaved = !hasTypedPassword && JSON.stringify(fields) === JSON.stringify(savedFields)

  useEffect(() => {
    if (isAsSaved) return setPreviewed(null)
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
      }).catch(() => null)
      if (found && isCurrent) setPreviewed(found)
    }, pauseMs)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [code, choice, server, tls, username, authorIsLogin, hasTypedPassword, isAsSaved])

  return isAsSaved ? saved : (previewed ?? saved)
}
