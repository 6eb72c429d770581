import type { Phase } from '@/db/schema'
import type { Reply } from '@/lib/transport/conversation'

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

/** Which explanation fits a failed step: first what the server said, then our own word for what broke, then where. */
export function explainFailure({ phase, reply, errorCode }: FailedStep): Explanation {
  if (reply && reply.code >= 400 && reply.code < 500) return 'temporary'
  if (reply && reply.code >= 500) return explainReply(phase, reply)
  const known = errorCode ? byErrorCode[errorCode] : undefined
  // TLS spoken to a port that waits to be asked for it breaks off at once: the usual sign of a wrong pair
  if (phase === 'tls' && (known === 'connectionLost' || known === 'timeout' || known === 'tlsFailed')) return 'tlsMode'
  return known ?? byPhase[phase] ?? 'other'
}

function explainReply(phase: Phase, { code, enhancedStatus, text }: Reply): Explanation {
  if (phase === 'auth' && (/application-specific password|InvalidSecondFactor/i.test(text) || (code === 534 && enhancedStatus === '5.7.9')))
    return 'gmailAppPassword'
  if (code === 530 && /STARTTLS/i.test(text)) return 'tlsMode'
  if (code === 530 || code === 535) return 'loginRefused'
  if (phase === 'connect' || phase === 'ehlo') return 'other'
  return phase === 'tls' ? 'starttlsMissing' : (byPhase[phase] ?? 'other')
}
