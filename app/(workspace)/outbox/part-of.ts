import type { MessageState, Recipient } from '@/db/schema'

/** Of how many recipients a state is true, where the server took the message for others; null: of all, or there is nothing to tell apart. */
export function partOf(
  state: MessageState,
  recipients: Pick<Recipient, 'state'>[],
): { state: 'refused' | 'waiting'; count: number; all: number; taken: number } | null {
  if (state !== 'refused' && state !== 'waiting') return null
  const taken = recipients.filter(recipient => recipient.state === 'accepted' || recipient.state === 'bounced').length
  const count = recipients.filter(recipient => recipient.state === state || (state === 'waiting' && recipient.state === 'queued')).length
  return taken > 0 && count > 0 ? { state, count, all: recipients.length, taken } : null
}
