import type { Phase } from '@/db/schema'
import type { Reply } from '@/lib/transport/conversation'
import { diagnose } from './diagnose'
import type { FailureKind } from './failure'

/** Names of the explanations in `conversation.explain`. */
export type Explanation =
  | 'gmailAppPassword'
  | 'loginRefused'
  | 'authNotOffered'
  | 'starttlsMissing'
  | 'tlsMode'
  | 'certificateName'
  | 'certificateExpired'
  | 'certificateUntrusted'
  | 'tlsFailed'
  | 'hostNotFound'
  | 'notAdmitted'
  | 'portNotAdmitted'
  | 'connectionRefused'
  | 'timeout'
  | 'connectionLost'
  | 'senderRefused'
  | 'recipientRefused'
  | 'messageRefused'
  | 'temporary'
  | 'passwordNeeded'
  | 'smtpAuthDisabled'
  | 'accountBlocked'
  | 'tooMuch'
  | 'addressBlocked'
  | 'senderNotAllowed'
  | 'senderAuthentication'
  | 'mailboxFull'
  | 'other'

export type FailedStep = { phase: Phase; reply: Reply | null; errorCode: string | null }

/** Our own words for a failure without a reply (`lib/transport/failure`), and what explains them. */
const byErrorCode: Record<string, Explanation> = {
  hostNotFound: 'hostNotFound',
  notAdmitted: 'notAdmitted',
  portNotAdmitted: 'portNotAdmitted',
  connectionRefused: 'connectionRefused',
  networkUnreachable: 'timeout',
  timeout: 'timeout',
  deadline: 'timeout',
  dnsUnavailable: 'temporary',
  connectionLost: 'connectionLost',
  protocol: 'connectionLost',
  certificateName: 'certificateName',
  certificateExpired: 'certificateExpired',
  certificateUntrusted: 'certificateUntrusted',
  tlsProtocol: 'tlsFailed',
  starttlsNotOffered: 'starttlsMissing',
  authNotOffered: 'authNotOffered',
  tooLarge: 'messageRefused',
  passwordNeeded: 'passwordNeeded',
}

const byPhase: Partial<Record<Phase, Explanation>> = {
  tls: 'tlsFailed',
  auth: 'loginRefused',
  mail: 'senderRefused',
  rcpt: 'recipientRefused',
  data: 'messageRefused',
  reply: 'messageRefused',
}

/** What the server's own words make plain, whatever its code. */
const byKind: Partial<Record<FailureKind, Explanation>> = {
  providerSetting: 'smtpAuthDisabled',
  accountBlocked: 'accountBlocked',
  rateLimit: 'tooMuch',
  ipReputation: 'addressBlocked',
  senderAddress: 'senderNotAllowed',
  senderAuthentication: 'senderAuthentication',
  mailboxFull: 'mailboxFull',
}

/** Which explanation fits a failed step: first what the server said, then our own word for what broke, then where. */
export function explainFailure({ phase, reply, errorCode }: FailedStep): Explanation {
  if (reply && reply.code >= 400) return explainReply(phase, reply)
  const known = errorCode ? byErrorCode[errorCode] : undefined
  // TLS spoken to a port that waits to be asked for it breaks off at once: the usual sign of a wrong pair
  if (phase === 'tls' && (known === 'connectionLost' || known === 'timeout' || known === 'tlsFailed')) return 'tlsMode'
  return known ?? byPhase[phase] ?? 'other'
}

function explainReply(phase: Phase, { code, enhancedStatus, text }: Reply): Explanation {
  const { kind, isSure } = diagnose({ phase, code, enhancedStatus, text, errorCode: null })
  const plain = isSure ? byKind[kind] : undefined
  if (plain) return plain
  if (code < 500) return 'temporary'
  if (phase === 'auth' && (/application-specific password|InvalidSecondFactor/i.test(text) || (code === 534 && enhancedStatus === '5.7.9')))
    return 'gmailAppPassword'
  if (code === 530 && /STARTTLS/i.test(text)) return 'tlsMode'
  if (code === 530 || code === 535) return 'loginRefused'
  if (phase === 'connect' || phase === 'ehlo') return 'other'
  return phase === 'tls' ? 'starttlsMissing' : (byPhase[phase] ?? 'other')
}
