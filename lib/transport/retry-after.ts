import { now } from '@/lib/clock'

/** What a server that wants to be asked later says in `Retry-After`: seconds, or a date (RFC 9110 section 10.2.3). Null: nothing, or a time that is over. */
export function secondsOfRetryAfter(header: string | undefined): number | null {
  if (!header) return null
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now().getTime()) / 1000)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null
}
