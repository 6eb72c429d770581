import { passingRefusal } from '@/lib/diagnosis/passing-refusal'
import { log } from '@/lib/log'
import type { SubmitResult } from '@/lib/transport/submission'
import type { Attempt } from './take-due'

/** A company cannot mend the platform's relay: its mail waits and is tried again, the queue is never paused. */
export function onlyWaiting(result: SubmitResult): SubmitResult {
  if (result.blame !== 'account') return result
  log.error({ event: 'relayRefused', phase: result.phase, code: result.reply?.code, errorCode: result.errorCode }, 'the platform relay does not let us in')
  return { ...result, blame: 'server', pauseReason: null }
}

/** What only means *not today* (`550 5.4.5 Daily sending quota exceeded`) waits, with everything behind it where it is the account's quota. */
export function waitingOutQuotas(result: SubmitResult): SubmitResult {
  const passing = ({ reply }: Pick<SubmitResult, 'reply'>) => (reply && reply.code >= 400 ? passingRefusal(result.phase, reply) : null)
  const recipients = result.recipients.map(recipient =>
    recipient.outcome === 'refused' && passing(recipient) ? { ...recipient, outcome: 'waiting' as const } : recipient,
  )
  const isPutOff = result.outcome === 'refused' || (result.outcome === 'waiting' && result.blame !== 'account')
  if (isPutOff && passing(result) === 'account') return { ...result, outcome: 'waiting', blame: 'server', errorCode: 'quota', recipients }
  if (!result.recipients.some(passing)) return result
  return { ...result, outcome: result.outcome === 'refused' ? 'waiting' : result.outcome, blame: 'recipient', recipients }
}

/** An attempt that never began: the message could not be made into bytes. */
export const uncomposed = ({ pending }: Attempt): SubmitResult => ({
  outcome: 'waiting',
  blame: 'message',
  pauseReason: null,
  phase: null,
  reply: null,
  errorCode: 'composeFailed',
  errorText: null,
  dataEnded: false,
  recipients: pending.map(({ address }) => ({ address, outcome: 'waiting', reply: null })),
  serverAddress: null,
  tls: null,
  durationMs: 0,
  steps: [],
})
