import type { Message } from '@/db/schema'
import { after, hours, minutes, now, seconds } from '@/lib/clock'

/**
 * RFC 5321 section 4.5.4.1 asks for half an hour between attempts where nothing is known of the failure, and for four to
 * five days until giving up. The first waits are shorter here: this is submission to a server of one's own, where people
 * wait for their invoice, and what such a server puts off (greylisting, a restart) it takes within minutes.
 */
const waits = [minutes(1), minutes(5), minutes(15), minutes(30), hours(1), hours(2), hours(4)] // the last one again and again

/** How long a message waits after so many failed attempts: growing, and spread by a fifth so that a queue does not march in step. */
function waitMs(attemptCount: number): number {
  const wait = waits[attemptCount - 1] ?? hours(4)
  return Math.round(wait * (0.9 + Math.random() * 0.2))
}

/**
 * How long an account rests whose quota is used up: as long again as nothing was taken, an hour at least and two at most.
 * One message then asks; what became free, here or elsewhere, is noticed, and the server is asked a dozen times a day.
 */
export const quotaRestMs = (sinceMs: number) => Math.min(Math.max(sinceMs, hours(1)), hours(2))

/** The next attempt, or the hour the message expires when that comes first. */
export function nextAttemptAt({ expiresAt }: Pick<Message, 'expiresAt'>, attemptCount: number, at: Date): Date {
  const due = after(at, waitMs(attemptCount))
  return due > expiresAt ? expiresAt : due
}

const longestRestMs = minutes(15)

/** When a server that could not be reached is tried again: a message that has failed for hours does not keep all others from one that may be well again. */
function restUntil(dueAt: Date): Date {
  const longest = after(now(), longestRestMs)
  return dueAt < longest ? dueAt : longest
}

/** A conversation that the server is to blame for; `isSilent`: it broke without a reply. `dueAt`: of its message. */
export type Broken = { startedAt: Date; isSilent: boolean; dueAt: Date }

const besideMs = seconds(2)
const brokenRestMs = seconds(5)

/** When its account is tried again. One that broke without a word, while others brought mail there, says little of the server. */
export function restAfter({ startedAt, isSilent, dueAt }: Broken, lastAcceptedAt: Date | null): Date {
  const tookMail = lastAcceptedAt !== null && lastAcceptedAt > after(startedAt, -besideMs)
  return tookMail && isSilent ? after(now(), brokenRestMs) : restUntil(dueAt)
}
