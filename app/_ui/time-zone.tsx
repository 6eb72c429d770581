'use client'

import { useTimeZone } from 'next-intl'
import { useEffect } from 'react'
import { timeZoneCookie } from '@/app/_i18n/language'

/** Tells the server where the clock of this browser stands, for the times of the next page. */
export function TimeZone() {
  const known = useTimeZone()
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser we serve
    if (own && own !== known) document.cookie = `${timeZoneCookie}=${own}; path=/; max-age=31536000; samesite=lax`
  }, [known])
  return null
}
