import type { Recipient } from '@/db/schema'
import { now } from '@/lib/clock'
import type { SubmitResult } from '@/lib/transport/submission'
import { type Decision, decide, recipientState } from './decide'
import type { Attempt } from './take-due'

/** How an attempt ended and what becomes of the message and its recipients: everything that is written down of it. */
export type Outcome = {
  at: Date
  result: SubmitResult
  decision: Decision
  attempt: ReturnType<typeof attemptResult>
  fates: Fate[] // of all recipients, those of earlier attempts included
  recipients: Pick<Recipient, 'id' | 'state' | 'replyCode' | 'enhancedStatus' | 'replyText' | 'updatedAt'>[]
  acceptedCount: number
}

/** What became of a recipient; `outcome` where this attempt was for it. */
export type Fate = { recipient: Recipient; outcome: SubmitResult['recipients'][number] | undefined; state: Recipient['state'] }

/** Decides by the result of a submission; writes nothing. */
export function outcomeOf({ id, message, all, pending }: Attempt, result: SubmitResult): Outcome {
  const at = now()
  const said = new Map(result.recipients.map(recipient => [recipient.address, recipient]))
  // redirected mail went to one address for all of them
  const fate = ({ address }: Recipient) => (message.redirectedTo ? result.recipients[0] : said.get(address))
  const fates = all.map((recipient): Fate => {
    const outcome = pending.includes(recipient) ? fate(recipient) : undefined
    const state = outcome ? recipientState(message.kind, outcome.outcome, result.blame) : recipient.state
    const mayHaveArrived = recipient.state === 'unknown' && state === 'waiting' // by an earlier attempt
    return { recipient, outcome, state: mayHaveArrived ? 'unknown' : state }
  })
  const decision = decide(
    message,
    fates.map(({ state }) => state),
    result,
    at,
  )
  const recipients = fates
    .filter(({ outcome }) => outcome)
    .map(({ recipient: { id }, outcome, state }) => ({
      id,
      state,
      replyCode: outcome?.reply?.code ?? null,
      enhancedStatus: outcome?.reply?.enhancedStatus ?? null,
      replyText: outcome?.reply?.text ?? null,
      updatedAt: at,
    }))
  const acceptedCount = message.redirectedTo ? Number(result.outcome === 'accepted') : recipients.filter(({ state }) => state === 'accepted').length
  return { at, result, decision, attempt: attemptResult(id, result, at), fates, recipients, acceptedCount }
}

function attemptResult(id: string, result: SubmitResult, at: Date) {
  return {
    id,
    endedAt: at,
    outcome: result.outcome,
    phase: result.phase,
    replyCode: result.reply?.code ?? null,
    enhancedStatus: result.reply?.enhancedStatus ?? null,
    replyText: result.reply?.text ?? result.errorText,
    errorCode: result.errorCode,
    serverAddress: result.serverAddress,
    tls: result.tls,
    durationMs: result.durationMs,
  }
}
