import type { Message } from '@/db/schema'
import { after, hours, minutes } from '@/lib/clock'

const waits = [minutes(1), minutes(5), minutes(15), minutes(30), hours(1), hours(2), hours(4)] // the last one again and again

/** How long a message waits after so many failed attempts: growing, and spread by a fifth so that a queue does not march in step. */
export function waitMs(attemptCount: number, random: () => number = Math.random): number {
  const wait = waits[Math.min(Math.max(attemptCount, 1), waits.length) - 1] ?? hours(4)
  return Math.round(wait * (0.9 + random() * 0.2))
}

/** The next attempt, or the hour the message expires when that comes first. */
export function nextAttemptAt({ expiresAt }: Pick<Message, 'expiresAt'>, attemptCount: number, at: Date): Date {
  const due = after(at, waitMs(attemptCount))
  return due > expiresAt ? expiresAt : due
}
