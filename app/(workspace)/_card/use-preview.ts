'use client'

import { useEffect, useRef, useState } from 'react'
import type { RouteView } from '../_route/route-view'
import { preview } from './actions'
import type { SenderFields } from './card-view'

const pauseMs = 250

/** The route of what is on screen, a moment after the last key. What is no server yet leaves the last answer standing. */
export function usePreview(saved: RouteView, { code, fields, hasTypedPassword }: { code: string; fields: SenderFields; hasTypedPassword: boolean }): RouteView {
  const [previewed, setPreviewed] = useState<RouteView | null>(null)
  const asked = useRef(0)
  const isFirst = useRef(true)
  const { choice, server, tls, username, authorIsLogin } = fields

  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false
      return
    }
    const turn = ++asked.current
    const timer = setTimeout(async () => {
      const route = await preview({ code, choice, server, tls, username, authorIsLogin: authorIsLogin ? 'on' : '', password: hasTypedPassword ? 'typed' : '' }).catch(() => null)
      if (route && turn === asked.current) setPreviewed(route)
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [code, choice, server, tls, username, authorIsLogin, hasTypedPassword])

  return previewed ?? saved
}
