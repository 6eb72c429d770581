'use client'

import { useEffect, useState } from 'react'
import type { RouteView } from '../_route/route-view'
import { preview } from './actions'
import type { SenderFields } from './card-view'

const pauseMs = 250

type OnScreen = { code: string; fields: SenderFields; savedFields: SenderFields; hasTypedPassword: boolean }

/** The route of what is on screen, a moment after the last key. What is no server yet leaves the last answer standing. */
export function usePreview(saved: RouteView, { code, fields, savedFields, hasTypedPassword }: OnScreen): RouteView {
  const [previewed, setPreviewed] = useState<RouteView | null>(null)
  const { choice, server, tls, username, authorIsLogin } = fields
  const isAsSaved = !hasTypedPassword && JSON.stringify(fields) === JSON.stringify(savedFields)

  useEffect(() => {
    if (isAsSaved) return setPreviewed(null)
    let isCurrent = true
    const timer = setTimeout(async () => {
      const route = await preview({
        code,
        choice,
        server,
        tls,
        username,
        authorIsLogin: authorIsLogin ? 'on' : '',
        password: hasTypedPassword ? 'typed' : '',
      }).catch(() => null)
      if (route && isCurrent) setPreviewed(route)
    }, pauseMs)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [code, choice, server, tls, username, authorIsLogin, hasTypedPassword, isAsSaved])

  return isAsSaved ? saved : (previewed ?? saved)
}
