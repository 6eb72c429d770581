import type { Message, Recipient } from '@/db/schema'
import { after, hours, seconds } from '@/lib/clock'
import { isPending, type WaitingFor } from '@/lib/message/message-state'
import type { SubmitResult } from '@/lib/transport/submission'
import { nextAttemptAt } from './waits'

export type Decision = Pick<Message, 'state' | 'waitingFor' | 'dueAt' | 'endedAt' | 'attemptCount'>

/** What becomes of each recipient that was tried, by the verdict and the kind's policy. */
export function recipientState(
  kind: Message['kind'],
  outcome: SubmitResult['recipients'][number]['outcome'],
  blame: SubmitResult['blame'],
): Recipient['state'] {
  if (kind !== 'test' || outcome !== 'waiting') return outcome
  return blame === 'account' ? 'refused' : 'cancelled' // a test runs once
}

/**
 * What becomes of the message: the worst of its recipients, so that a single refusal is not overlooked. `states` are
 * those of all recipients, those of earlier attempts included.
 */
export function decide(
  message: Message,
  states: Recipient['state'][],
  result: Pick<SubmitResult, 'blame' | 'errorCode' | 'retryAfterSeconds'>,
  at: Date,
): Decision {
  const ended = (state: Message['state']): Decision => ({ state, waitingFor: null, dueAt: null, endedAt: at, attemptCount: message.attemptCount + 1 })
  const attemptCount = message.attemptCount + 1
  if (result.errorCode === 'stopped' && states.some(isPending) && !states.includes('unknown'))
    return { state: 'queued', waitingFor: null, dueAt: at, endedAt: null, attemptCount: message.attemptCount }
  if (result.errorCode === 'poison' && states.some(isPending)) return setAside(message, attemptCount)
  if (states.includes('unknown')) {
    // a second copy is possible: a test ends, a letter asks a person, everything else tries the same bytes again
    if (message.kind === 'test') return ended('unknown')
    // recipients that were put off before the data stay until a person decides, and expire with the message
    const dueAt = states.some(state => state === 'waiting' || state === 'queued') ? message.expiresAt : null
    if (message.kind === 'letter') return { state: 'unknown', waitingFor: null, dueAt, endedAt: null, attemptCount }
    return { state: 'unknown', waitingFor: null, dueAt: nextAttemptAt(message, attemptCount, at), endedAt: null, attemptCount }
  }
  if (states.includes('waiting')) {
    const uncounted = { state: 'waiting', dueAt: at, endedAt: null, attemptCount: message.attemptCount } as const
    if (result.blame === 'account') return { ...uncounted, waitingFor: 'accountPaused' satisfies WaitingFor }
    if (result.errorCode === 'quota')
      return {
        state: 'waiting',
        waitingFor: 'quota',
        dueAt: notBefore(nextAttemptAt(message, attemptCount, at), after(at, hours(1)), message),
        endedAt: null,
        attemptCount,
      }
    if (result.errorCode === 'composeFailed' && attemptCount >= 3) return setAside(message, attemptCount)
    const waitingFor: WaitingFor = result.blame === 'server' ? 'serverUnavailable' : 'tryLater'
    const dueAt = nextAttemptAt(message, attemptCount, at)
    const named = after(at, seconds(result.retryAfterSeconds ?? 0)) // by the server itself, and never earlier than that
    return { state: 'waiting', waitingFor, dueAt: named > dueAt ? named : dueAt, endedAt: null, attemptCount }
  }
  if (states.includes('refused')) return ended('refused')
  if (states.includes('cancelled')) return ended('cancelled')
  return ended(states.includes('accepted') || states.includes('bounced') ? 'accepted' : 'expired')
}

/** Several engines died over it, or it cannot be composed: it stays until a person looks, or until it expires. */
const setAside = ({ expiresAt }: Message, attemptCount: number): Decision => ({
  state: 'waiting',
  waitingFor: 'setAside' satisfies WaitingFor,
  dueAt: expiresAt,
  endedAt: null,
  attemptCount,
})

const notBefore = (due: Date, earliest: Date, { expiresAt }: Message) => new Date(Math.min(Math.max(due.getTime(), earliest.getTime()), expiresAt.getTime()))
