import type { Message, Recipient } from '@/db/schema'
import { after as later, seconds } from '@/lib/clock'
import type { WaitingFor } from '@/lib/message/message-state'
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
 * What becomes of the message: the worst of its recipients, so that a single refusal is not overlooked. `after` are
 * the states of all recipients, those of earlier attempts included.
 */
export function decide(
  message: Message,
  after: Recipient['state'][],
  result: Pick<SubmitResult, 'blame' | 'errorCode' | 'retryAfterSeconds'>,
  at: Date,
): Decision {
  const ended = (state: Message['state']): Decision => ({ state, waitingFor: null, dueAt: null, endedAt: at, attemptCount: message.attemptCount + 1 })
  const attemptCount = message.attemptCount + 1
  if (after.includes('unknown')) {
    // a second copy is possible: a test ends, a letter asks a person, everything else tries the same bytes again
    if (message.kind === 'test') return ended('unknown')
    if (message.kind === 'letter') return { state: 'unknown', waitingFor: null, dueAt: null, endedAt: null, attemptCount }
    return { state: 'unknown', waitingFor: null, dueAt: nextAttemptAt(message, attemptCount, at), endedAt: null, attemptCount }
  }
  if (after.includes('waiting')) {
    const uncounted = { state: 'waiting', dueAt: at, endedAt: null, attemptCount: message.attemptCount } as const
    if (result.errorCode === 'stopped') return { ...uncounted, state: 'queued', waitingFor: null }
    if (result.blame === 'account') return { ...uncounted, waitingFor: 'accountPaused' satisfies WaitingFor }
    const waitingFor: WaitingFor = result.blame === 'server' ? 'serverUnavailable' : 'tryLater'
    const dueAt = nextAttemptAt(message, attemptCount, at)
    const named = later(at, seconds(result.retryAfterSeconds ?? 0)) // by the server itself, and never earlier than that
    return { state: 'waiting', waitingFor, dueAt: named > dueAt ? named : dueAt, endedAt: null, attemptCount }
  }
  if (after.includes('refused')) return ended('refused')
  return ended(after.includes('cancelled') ? 'cancelled' : 'accepted')
}
