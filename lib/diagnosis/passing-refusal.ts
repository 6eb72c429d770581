import type { Phase } from '@/db/schema'
import type { Reply } from '@/lib/transport/conversation'
import { diagnose } from './diagnose'
import { quotaOf } from './quota-of'

/** Whose limit a refusal speaks of: the account's rests everything that leaves through it, the recipient's that recipient alone. */
type PassingRefusal = 'account' | 'recipient'

const ofRecipient = /recipient|user you are trying to contact|receiving mail|mailbox|odbiorc/i // of one that was just named
const ofThatRecipient = /user you are trying to contact|receiving mail|mailbox of|recipient['’]s (mailbox|quota|limit)|mailbox (is|has|reached)/i // whoever was named before
const greylisted = /gr[ae]y.?list/i // asks each to come back; nobody's quota
const anyRefusal = /recipient address rejected:?/gi // Postfix says so of everything that its policies refuse at RCPT
const ofQuota = /limit|quota|exceed|reach|too many|przekro|zbyt|\btäis\b|ületa/i

/**
 * A refusal that time alone mends (`550 5.4.5 Daily sending quota exceeded`), and whose limit it is; null for every other
 * reply. Only where the server's words leave no doubt: a 5yz that is not sure stays the refusal that its code says, and a
 * 4yz is one message's unless it speaks of the quota of an hour or a day.
 */
export function passingRefusal(phase: Phase | null, { code, enhancedStatus, text }: Reply): PassingRefusal | null {
  const words = text.replace(anyRefusal, '')
  const whose = (phase === 'rcpt' ? ofRecipient : ofThatRecipient).test(words) ? 'recipient' : 'account'
  if (code < 500) return phase !== 'auth' && ofQuota.test(text) && !greylisted.test(text) && quotaOf({ enhancedStatus, text }) ? whose : null
  const { kind, retry, isSure } = diagnose({ phase, code, enhancedStatus, text, errorCode: null })
  if (!isSure || retry !== 'later' || kind !== 'rateLimit') return null
  return whose
}
