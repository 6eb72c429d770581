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

/** A reply of the server, where it came, and who was signing in. `mechanism`: of SASL, where it is known. */
export type MicrosoftRefusal = { host: string; username: string; phase: Phase | null; reply: Reply; mechanism?: string | null | undefined }

export type MicrosoftReplyExplanation = {
  kind: MicrosoftReply
  mailbox: string // who signed in
  asAddress: string | null // whom it wanted to send as
  commands: string[] // lines of Exchange Online PowerShell
  fixedBy: 'user' | 'admin' | 'time'
  mayUseGraph: boolean // the way around it that a connected user can take alone
  mayMoveToOAuth: boolean // passwords are what is refused
}

/** Null for what Exchange Online did not say, or says as any other server does. */
export function explainMicrosoftReply(refusal: MicrosoftRefusal): MicrosoftReplyExplanation | null {
  const kind = kindOf(refusal)
  if (!kind) return null
  const { username, reply, mechanism } = refusal
  const { sender, asAddress } = addressesIn(reply.text)
  const mailbox = username || sender || ''
  const isToken = mechanism === 'XOAUTH2'
  return {
    kind,
    mailbox,
    asAddress,
    commands: mailbox ? commandsOf(kind, mailbox, asAddress) : [],
    fixedBy: fixedBy[kind],
    mayUseGraph: kind === 'smtpOffOrganisation' || kind === 'smtpOffMailbox',
    mayMoveToOAuth: !isToken && passwordKinds.includes(kind),
  }
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

const passwordKinds: MicrosoftReply[] = ['passwordsOff', 'passwordRefused', 'securityDefaults', 'accessPolicy', 'notSignedIn']

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
  if (enhancedStatus === '5.7.3' && (phase === 'auth' || phase === null)) return mechanism === 'XOAUTH2' ? 'tokenRefused' : 'passwordRefused'
  return null
}

function ofManyCauses(says: (pattern: RegExp) => boolean, mechanism: string | null | undefined): MicrosoftReply {
  if (says(/security defaults/i)) return 'securityDefaults'
  if (says(/did not meet the criteria|conditional access|blocked by|polic(y|ies)|contact your administrator/i)) return 'accessPolicy'
  if (says(/credentials were incorrect|password/i)) return mechanism === 'XOAUTH2' ? 'tokenRefused' : 'passwordRefused'
  return 'smtpOffOrganisation' // the oldest meaning of the code, and still the most frequent
}

/** `…; anna@acme.test not allowed to send as office@acme.test; …` */
function addressesIn(text: string): { sender: string | null; asAddress: string | null } {
  const address = String.raw`<?([^\s<>;,]+@[\p{L}\p{N}.-]*[\p{L}\p{N}])>?`
  const found = new RegExp(`(?:${address} (?:is )?not allowed to )?send as ${address}`, 'iu').exec(text)
  return { sender: found?.[1] ?? null, asAddress: found?.[2] ?? null }
}

function commandsOf(kind: MicrosoftReply, mailbox: string, asAddress: string | null): string[] {
  if (kind === 'smtpOffMailbox') return [switchSmtpOnForMailbox(mailbox)]
  if (kind === 'smtpOffOrganisation') return [switchSmtpOnForMailbox(mailbox), switchSmtpOnForOrganisation]
  if (kind === 'sendAsDenied') return asAddress ? [letSendAs(mailbox, asAddress)] : []
  return kind === 'accessPolicy' ? [showPolicyOf(mailbox)] : []
}
