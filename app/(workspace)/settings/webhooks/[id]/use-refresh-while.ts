'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'

const everyMs = 1500
const mostTimes = 10

/** Reads the page again while something is about to happen; gives up after a quarter of a minute. */
export function useRefreshWhile(isWanted: boolean): void {
  const router = useRouter()
  const times = useRef(0)
  useEffect(() => {
    if (!isWanted) {
      times.current = 0
      return
    }
    const timer = setInterval(() => {
      times.current += 1
      if (times.current > mostTimes) clearInterval(timer)
      else router.refresh()
    }, everyMs)
    return () => clearInterval(timer)
  }, [isWanted, router])
}
