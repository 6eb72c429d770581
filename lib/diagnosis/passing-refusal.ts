import type { Phase } from '@/db/schema'
import type { Reply } from '@/lib/transport/conversation'
import { diagnose } from './diagnose'

/** Whose limit a refusal speaks of: the account's rests everything that leaves through it, the recipient's that recipient alone. */
export type PassingRefusal = 'account' | 'recipient'

const ofRecipient = /recipient|user you are trying to contact|receiving mail|mailbox|odbiorc/i

/**
 * A 5yz that time alone mends (`550 5.4.5 Daily sending quota exceeded`), and whose limit it is; null for every other
 * reply. Only where the server's words leave no doubt: what is not sure stays the refusal that its code says.
 */
export function passingRefusal(phase: Phase, { code, enhancedStatus, text }: Reply): PassingRefusal | null {
  if (code < 500) return null
  const { kind, retry, isSure } = diagnose({ phase, code, enhancedStatus, text, errorCode: null })
  if (!isSure || retry !== 'later' || kind !== 'rateLimit') return null
  return phase === 'rcpt' && ofRecipient.test(text) ? 'recipient' : 'account'
}
