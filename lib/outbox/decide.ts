import type { Message, Recipient } from '@/db/schema'
import { after, hours, seconds } from '@/lib/clock'
import { isPending, type WaitingFor } from '@/lib/message/message-state'
import type { SubmitResult } from '@/lib/transport/submission'
import { nextAttemptAt } from './waits'

export type Decision = Pick<Message, 'state' | 'waitingFor' | 'dueAt' | 'endedAt' | 'attemptCount'>

type Ended = Pick<SubmitResult, 'blame' | 'errorCode' | 'retryAfterSeconds'>

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
export function decide(message: Message, states: Recipient['state'][], result: Ended, at: Date): Decision {
  const attemptCount = message.attemptCount + 1
  const ended = (state: Message['state']): Decision => ({ state, waitingFor: null, dueAt: null, endedAt: at, attemptCount })
  if (result.errorCode === 'stopped' && states.some(isPending) && !states.includes('unknown'))
    return { state: 'queued', waitingFor: null, dueAt: at, endedAt: null, attemptCount: message.attemptCount }
  if (result.errorCode === 'poison' && states.some(isPending)) return setAside(message, attemptCount)
  if (states.includes('unknown')) return message.kind === 'test' ? ended('unknown') : unknown(message, states, at)
  if (states.includes('waiting')) return waiting(message, result, at)
  if (states.includes('refused')) return ended('refused')
  if (states.includes('cancelled')) return ended('cancelled')
  return ended(states.includes('accepted') || states.includes('bounced') ? 'accepted' : 'expired')
}

/** A second copy is possible: a letter asks a person, everything else tries the same bytes again. */
function unknown(message: Message, states: Recipient['state'][], at: Date): Decision {
  const attemptCount = message.attemptCount + 1
  // recipients that were put off before the data stay until a person decides, and expire with the message
  const isPutOff = states.some(state => state === 'waiting' || state === 'queued')
  const untilDecided = isPutOff ? message.expiresAt : null
  const dueAt = message.kind === 'letter' ? untilDecided : nextAttemptAt(message, attemptCount, at)
  return { state: 'unknown', waitingFor: null, dueAt, endedAt: null, attemptCount }
}

function waiting(message: Message, { blame, errorCode, retryAfterSeconds }: Ended, at: Date): Decision {
  if (blame === 'account') return { state: 'waiting', waitingFor: 'accountPaused', dueAt: at, endedAt: null, attemptCount: message.attemptCount }
  const attemptCount = message.attemptCount + 1
  if (errorCode === 'composeFailed' && attemptCount >= 3) return setAside(message, attemptCount)
  const dueAt = nextAttemptAt(message, attemptCount, at)
  if (errorCode === 'quota')
    return { state: 'waiting', waitingFor: 'quota', dueAt: notBefore(dueAt, after(at, hours(1)), message), endedAt: null, attemptCount }
  const waitingFor: WaitingFor = blame === 'server' ? 'serverUnavailable' : 'tryLater'
  const named = after(at, seconds(retryAfterSeconds ?? 0)) // by the server itself, and never earlier than that
  return { state: 'waiting', waitingFor, dueAt: named > dueAt ? named : dueAt, endedAt: null, attemptCount }
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
