import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, days, now } from '@/lib/clock'
import { env } from '@/lib/env'
import { log } from '@/lib/log'

const warnings = [30, 7, 1] // days before, as Microsoft itself does not warn

/** How near the end of the application's secret or certificate is. `threshold`: the last of the warnings that is due, 0 once it is over; null: none yet. */
export type SecretEnd = { endsOn: string; daysLeft: number; threshold: number | null }

/** Null where the operator has stated no end. The day itself still counts: Entra names the day, not the hour. */
export function secretEnd(endsOn: string | undefined, at: Date): SecretEnd | null {
  return endsOn ? endAt(after(new Date(`${endsOn}T00:00:00Z`), days(1)), endsOn, at) : null
}

/** A certificate says itself when it ends. @throws Error when the file cannot be read, or holds none */
export function certificateEnd(file: string, at: Date): SecretEnd {
  const ends = new Date(new X509Certificate(readFileSync(file)).validTo)
  return endAt(ends, ends.toISOString().slice(0, 10), at)
}

function endAt(ends: Date, endsOn: string, at: Date): SecretEnd {
  const daysLeft = Math.floor((ends.getTime() - at.getTime()) / days(1))
  const threshold = daysLeft < 0 ? 0 : (warnings.findLast(warning => daysLeft <= warning) ?? null)
  return { endsOn, daysLeft, threshold }
}

/** For the operator, in English. */
export const secretEndText = ({ endsOn, daysLeft }: SecretEnd) =>
  daysLeft < 0 ? `ended on ${endsOn}: no mailbox can send by Microsoft 365` : `ends on ${endsOn}, in ${daysLeft} days`

const mend = {
  M365_CLIENT_SECRET: 'make a new client secret in the registration, set M365_CLIENT_SECRET and M365_CLIENT_SECRET_EXPIRES, restart web and engine',
  M365_CLIENT_CERTIFICATE: 'add a new certificate to the registration, put it with its key into the file of M365_CLIENT_CERTIFICATE, restart web and engine',
}
let told: number | null = null

/** One line in the log for each of the warnings, and one when it is over; asked often, it says each once in the life of a process. */
export function warnOfSecretEnd(at = now()): void {
  const { secretEnds, clientCertificate } = env.microsoft365 ?? {}
  const name = clientCertificate ? 'M365_CLIENT_CERTIFICATE' : 'M365_CLIENT_SECRET'
  const end = clientCertificate ? readableEnd(clientCertificate, at) : secretEnd(secretEnds, at)
  if (!end || end.threshold === told) return
  told = end.threshold
  if (end.threshold === null) return
  const line = `${name} ${secretEndText(end)}: ${mend[name]}`
  if (end.threshold <= 1) log.error({ event: 'microsoftSecretEnds', ...end }, line)
  else log.warn({ event: 'microsoftSecretEnds', ...end }, line)
}

/** A file that cannot be read is told where a token is asked for. */
function readableEnd(file: string, at: Date): SecretEnd | null {
  try {
    return certificateEnd(file, at)
  } catch {
    return null
  }
}
