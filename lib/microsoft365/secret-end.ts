import { after, days, now } from '@/lib/clock'
import { env } from '@/lib/env'
import { log } from '@/lib/log'

const warnings = [30, 7, 1] // days before, as Microsoft itself does not warn

/** How near the stated end of the client secret is. `threshold`: the last of the warnings that is due, 0 once it is over; null: none yet. */
export type SecretEnd = { endsOn: string; daysLeft: number; threshold: number | null }

/** Null where the operator has stated no end (a certificate says its own). The day itself still counts: Entra names the day, not the hour. */
export function secretEnd(endsOn: string | undefined, at: Date): SecretEnd | null {
  if (!endsOn) return null
  const daysLeft = Math.floor((after(new Date(`${endsOn}T00:00:00Z`), days(1)).getTime() - at.getTime()) / days(1))
  const threshold = daysLeft < 0 ? 0 : (warnings.findLast(warning => daysLeft <= warning) ?? null)
  return { endsOn, daysLeft, threshold }
}

export const secretEndText = ({ endsOn, daysLeft }: SecretEnd) =>
  daysLeft < 0 ? `ended on ${endsOn}: no mailbox can send by Microsoft 365` : `ends on ${endsOn}, in ${daysLeft} days`

const mend = 'make a new client secret in the registration, set M365_CLIENT_SECRET and M365_CLIENT_SECRET_EXPIRES, restart web and engine'
let told: number | null = null

/** One line in the log for each of the warnings, and one when it is over; asked often, it says each once in the life of a process. */
export function warnOfSecretEnd(endsOn: string | undefined = env.microsoft365?.secretEnds, at = now()): void {
  const end = secretEnd(endsOn, at)
  if (!end || end.threshold === told) return
  told = end.threshold
  if (end.threshold === null) return
  const line = `M365_CLIENT_SECRET ${secretEndText(end)}: ${mend}`
  if (end.threshold <= 1) log.error({ event: 'microsoftSecretEnds', ...end }, line)
  else log.warn({ event: 'microsoftSecretEnds', ...end }, line)
}
