import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { updateRows } from '@/db/rows'
import { type Account, accounts } from '@/db/schema'
import { stillLearned } from '@/lib/account/limits'
import { now } from '@/lib/clock'
import { log } from '@/lib/log'
import type { SubmitResult } from '@/lib/transport/submission'
import type { Allowance } from './allowance'
import { type Lease, mustHold } from './lease'

/** What a server's answer says about how much it bears. */
export type Lesson = Partial<Pick<Account, 'learnedConnections' | 'learnedPerMinute' | 'learnedPerDay'>>

const slowDown = [421, 432, 450, 451, 452]
const ofConnections = /concurren|simultaneous|too many connections|connections? limit/i
const ofRate = /too (many|fast|quickly)|rate|throttl|slow down|submission (quota|limit)|per minute|resources temporarily/i

/** Half of what was just done, where the server says that it was too much; null when it speaks of something else. */
export function lessonOf({ reply, errorCode, outcome }: SubmitResult, allowance: Pick<Allowance, 'limits' | 'beganLately' | 'used'>): Lesson | null {
  if (outcome === 'accepted' || !reply) return null
  if (errorCode === 'quota') return { learnedPerDay: Math.max(1, allowance.used) }
  if (!slowDown.includes(reply.code)) return null
  const { connections, perMinute } = allowance.limits
  if (ofConnections.test(reply.text)) return { learnedConnections: Math.max(1, Math.floor(connections / 2)) }
  if (!ofRate.test(reply.text) && !reply.enhancedStatus?.startsWith('4.7.28')) return null
  return { learnedPerMinute: Math.max(1, Math.floor(Math.min(perMinute ?? Number.POSITIVE_INFINITY, Math.max(2, allowance.beganLately)) / 2)) }
}

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
