import type { Phase } from '@/db/schema'
import { isMicrosoftHost } from '@/lib/sender/server-field'
import type { Reply } from '@/lib/transport/conversation'
import { letSendAs, showPolicyOf, switchSmtpOnForMailbox, switchSmtpOnForOrganisation } from './powershell'

/** Refusals of Exchange Online that have a click path of their own; the names are those of the texts in `microsoftReply`. */
export type MicrosoftReply =
  | 'smtpOffOrganisation'
  | 'smtpOffMailbox'
  | 'securityDefaults'
  | 'accessPolicy'
  | 'passwordsOff'
  | 'passwordRefused'
  | 'tokenRefused'
  | 'sendAsDenied'
  | 'tooManyAtOnce'
  | 'notSignedIn'

/** A reply of the server, where it came, and how one signed in; `mechanism`: of SASL, where it is known. */
type MicrosoftRefusal = { host: string; phase: Phase | null; reply: Reply; mechanism?: string | null | undefined }

/** `asAddress`: whom the mailbox wanted to send as, where the server names it. */
type MicrosoftReplyExplanation = { kind: MicrosoftReply; asAddress: string | null; fixedBy: 'user' | 'admin' | 'time' }

/** Null for what Exchange Online did not say, or says as any other server does. */
export function explainMicrosoftReply(refusal: MicrosoftRefusal): MicrosoftReplyExplanation | null {
  const kind = kindOf(refusal)
  return kind && { kind, asAddress: asAddressIn(refusal.reply.text), fixedBy: fixedBy[kind] }
}

/** Lines of Exchange Online PowerShell for the administrator; none where there is nothing to paste, or a name is missing. */
export function commandsFor(kind: string, mailbox: string, asAddress: string | null): string[] {
  if (!mailbox) return []
  if (kind === 'smtpOffMailbox') return [switchSmtpOnForMailbox(mailbox)]
  if (kind === 'smtpOffOrganisation') return [switchSmtpOnForMailbox(mailbox), switchSmtpOnForOrganisation]
  if (kind === 'sendAsDenied') return asAddress ? [letSendAs(mailbox, asAddress)] : []
  return kind === 'accessPolicy' ? [showPolicyOf(mailbox)] : []
}

const fixedBy: Record<MicrosoftReply, MicrosoftReplyExplanation['fixedBy']> = {
  smtpOffOrganisation: 'admin',
  smtpOffMailbox: 'admin',
  securityDefaults: 'admin',
  accessPolicy: 'admin',
  passwordsOff: 'user',
  passwordRefused: 'user',
  tokenRefused: 'user',
  sendAsDenied: 'admin',
  tooManyAtOnce: 'time',
  notSignedIn: 'user',
}

/**
 * Exchange Online's own enhanced codes (5.7.139, 5.7.30, 5.2.252, 4.3.2 with 432) tell it from others; what other
 * servers say too (5.7.3, 5.7.57, 5.7.60) counts at Microsoft's hosts and for a token only. 5.7.139 is one code for
 * many causes: the words decide.
 */
function kindOf({ host, phase, reply, mechanism }: MicrosoftRefusal): MicrosoftReply | null {
  const { code, enhancedStatus, text } = reply
  const says = (pattern: RegExp) => pattern.test(text)
  const isAtMicrosoft = isMicrosoftHost(host) || mechanism === 'XOAUTH2' || says(/\.prod\.outlook\.com|STOREDRV|aka\.ms\//i)
  if (enhancedStatus === '5.2.252' || says(/SendAsDenied/i)) return 'sendAsDenied'
  if (enhancedStatus === '5.7.60' && isAtMicrosoft) return 'sendAsDenied'
  if (enhancedStatus === '5.7.30' || says(/basic auth(entication)? is (disabled|not supported)/i)) return 'passwordsOff'
  if (says(/SmtpClientAuthentication is disabled for the Mailbox/i)) return 'smtpOffMailbox'
  if (says(/SmtpClientAuthentication is disabled|smtp_auth_disabled/i)) return 'smtpOffOrganisation'
  if (enhancedStatus === '5.7.139') return ofManyCauses(says, mechanism)
  if (code === 432 || (enhancedStatus === '4.3.2' && says(/concurrent|thread limit|STOREDRV/i))) return 'tooManyAtOnce'
  if (!isAtMicrosoft) return null
  if (enhancedStatus === '5.7.57') return 'notSignedIn'
  if (enhancedStatus === '5.7.3' && (phase === 'auth' || phase === null)) return mechanism === 'XOAUTH2' ? 'tokenRefused' : mechanism ? 'passwordRefused' : null
  return null
}

function ofManyCauses(says: (pattern: RegExp) => boolean, mechanism: string | null | undefined): MicrosoftReply {
  if (says(/security defaults/i)) return 'securityDefaults'
  if (says(/did not meet the criteria|conditional access|blocked by|polic(y|ies)|contact your administrator/i)) return 'accessPolicy'
  if (says(/credentials were incorrect|password/i)) return mechanism === 'XOAUTH2' ? 'tokenRefused' : 'passwordRefused'
  return 'smtpOffOrganisation' // the oldest meaning of the code, and still the most frequent
}

/** `…; anna@acme.test not allowed to send as office@acme.test; …` */
const asAddressIn = (text: string): string | null => /send as <?([^\s<>;,]+@[\p{L}\p{N}.-]*[\p{L}\p{N}])/iu.exec(text)?.[1] ?? null
