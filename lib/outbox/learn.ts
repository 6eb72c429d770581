import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { updateRows } from '@/db/rows'
import { type Account, accounts } from '@/db/schema'
import { type Limits, stillLearned } from '@/lib/account/limits'
import { hourOf, type Usage } from '@/lib/account/usage'
import { after, hours, now } from '@/lib/clock'
import { quotaOf } from '@/lib/diagnosis/quota-of'
import { log } from '@/lib/log'
import type { Reply } from '@/lib/transport/conversation'
import type { SubmitResult } from '@/lib/transport/submission'
import type { Allowance } from './allowance'
import { type Lease, mustHold } from './lease'

/** What a server's answer says about how much it bears. */
export type Lesson = Partial<Pick<Account, 'learnedConnections' | 'learnedPerMinute' | 'learnedPerDay'>>

/**
 * Replies by which servers ask for less at a time, among other things: 421, 450, 451 and 452 (RFC 5321 section 4.2.3), and
 * Exchange Online's `432 4.3.2 Concurrent connections limit exceeded`
 * (https://learn.microsoft.com/en-us/exchange/troubleshoot/send-emails/smtp-submission-improvements). The words decide.
 */
const slowDown = [421, 432, 450, 451, 452]
const ofConnections = /concurren|simultaneous|too many connections|connections? limit/i
const ofRate = /too (many|fast|quickly)|\brate|throttl|slow down|submission (quota|limit)|per minute|resources temporarily/i

/** Half of what was just done, where the server says that it was too much; null when it speaks of something else. */
export function lessonOf({ reply, outcome }: SubmitResult, allowance: Pick<Allowance, 'limits' | 'beganLately'>): Lesson | null {
  if (outcome === 'accepted' || !reply) return null
  if (!slowDown.includes(reply.code)) return null
  const { connections, perMinute } = allowance.limits
  if (ofConnections.test(reply.text)) return { learnedConnections: Math.max(1, Math.floor(connections / 2)) }
  if (!ofRate.test(reply.text)) return null
  return { learnedPerMinute: Math.max(1, Math.floor(Math.min(perMinute ?? Number.POSITIVE_INFINITY, Math.max(2, allowance.beganLately)) / 2)) }
}

const usualPerDay = 100 // of a server that the operator gave no figure for: hardly a mailbox may write to fewer

/**
 * What a quota that is used up teaches about its size. Others use it too (webmail, a phone): unless the server names a
 * figure, what left from here says something only where it comes near to what such a server usually bears.
 */
export function lessonOfQuota(reply: Reply, { used, hours: counted }: Usage, { recipientsPerDay }: Limits): Lesson | null {
  const quota = quotaOf(reply)
  if (quota?.per === 'hour') {
    const lately = Math.max(0, ...counted.filter(({ hour }) => hour >= after(hourOf(now()), -hours(1))).map(({ count }) => count))
    const perHour = isCredible(quota.count, lately) ? quota.count : lately
    return perHour > 0 ? { learnedPerMinute: Math.max(1, Math.floor(perHour / 60)) } : null
  }
  if (quota?.per !== 'day') return null
  const isNearlyAll = used >= (recipientsPerDay ?? usualPerDay) / 2
  const perDay = isCredible(quota.count, used) ? quota.count : isNearlyAll ? used : null
  return perDay === null ? null : { learnedPerDay: perDay }
}

/** Where far more than the figure was taken, it is of something else. */
const isCredible = (named: number | null, taken: number): named is number => named !== null && named >= taken / 2

/** Remembered with the account, so that the next lease begins with it. */
export async function learn(db: Db, account: Account, lease: Lease, lesson: Lesson): Promise<void> {
  const learned = { learnedAt: now(), ...stillLearned(account), ...lesson }
  await atomically(db, () => [
    mustHold(lease),
    updateRows(accounts, ['learnedAt', 'learnedConnections', 'learnedPerMinute', 'learnedPerDay'], [{ id: account.id, ...learned }]),
  ])
  Object.assign(account, learned) // another lesson of this turn comes on top
  log.info({ event: 'learned', accountId: account.id, ...lesson }, 'a server bears less than was sent')
}
