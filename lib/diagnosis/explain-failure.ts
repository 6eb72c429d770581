import type { Attempt, PauseReason, Phase } from '@/db/schema'
import { explainOAuthError } from '@/lib/microsoft365/explain-oauth-error'
import { explainMicrosoftReply, type MicrosoftReply } from '@/lib/microsoft365/explain-smtp-reply'
import type { OAuthText } from '@/lib/microsoft365/oauth-cause'
import { isGmailHost, isMicrosoftHost } from '@/lib/sender/server-field'
import type { Reply } from '@/lib/transport/conversation'
import { endingOf, readEndingText } from '@/lib/transport/ending-text'
import { type GraphErrorCode, isGraphError } from '@/lib/transport/judge-graph'
import { type Diagnosis, diagnose } from './diagnose'
import { type Explanation, explanationOf } from './explanation'
import type { Retry } from './failure'

/** `host`: the server of the failure, where it is known; some providers mean more than they say. */
type FailedStep = {
  phase: Phase
  reply: Reply | null
  errorCode: string | null
  errorText?: string | null
  host?: string | null
  mechanism?: string | null | undefined
}

/** What a failure is explained by: the key of its texts, whether the cause is certain, and whether the same mail may pass later. */
export type Explained = {
  namespace: 'explain' | 'oauthError' | 'microsoftReply'
  explanation: Explanation | OAuthText | MicrosoftReply | GraphErrorCode
  asAddress?: string | null // whom a mailbox wanted to send as
  isSure: boolean
  retry: Retry
}

/** The one explanation of a failed step, for console, card, outbox, notices and the API: first what the server said, then our own word for what broke, then where. */
export function explain(step: FailedStep): Explained {
  const { phase, reply, errorCode } = step
  if (errorCode === 'consentNeeded' || /AADSTS\d/.test(step.errorText ?? '')) return explainConsent(step.errorText ?? null)
  if (reply && reply.code >= 400) return explainMicrosoft(step, reply) ?? explainReply(step, reply)
  if (isGraphError(errorCode)) return { namespace: 'microsoftReply', explanation: errorCode, isSure: true, retry: graphRetry[errorCode] ?? 'user' }
  const known = errorCode ? byErrorCode[errorCode] : undefined
  // TLS spoken to a port that waits to be asked for it breaks off at once: the usual sign of a wrong pair
  if (phase === 'tls' && (known === 'connectionLost' || known === 'timeout' || known === 'tlsFailed')) return own('tlsMode', 'user', known === 'tlsFailed')
  return own(known ?? byPhase[phase] ?? 'other', known ? (retryOf[known] ?? 'user') : 'later', known !== undefined)
}

type TriedOnce = Pick<Attempt, 'phase' | 'replyCode' | 'enhancedStatus' | 'replyText'> & Partial<Pick<Attempt, 'errorCode' | 'serverAddress' | 'outcome'>>

const ofOurs = ['engineDied', 'composeFailed'] // no server has said or done anything

/** The explanation of an attempt as it is kept; null where nothing failed, or nothing of the server's. */
export function explainAttempt(attempt: TriedOnce): Explained | null {
  const { phase, replyCode, errorCode = null, serverAddress, outcome } = attempt
  if (outcome === 'accepted' || !phase || (errorCode ? ofOurs.includes(errorCode) : (replyCode ?? 0) < 400)) return null
  return explain({ phase, ...endingOf(attempt), errorCode, host: serverAddress?.split(' ')[0] ?? null })
}

/** Why an account is paused, by the reason and the words that were kept with it. */
export function explainPause({ reason, text, host }: { reason: PauseReason; text: string | null; host: string | null }): Explained {
  if (reason === 'consentNeeded') return explainConsent(text)
  if (reason === 'passwordNeeded') return own('passwordNeeded', 'user', true)
  if (reason === 'emailNotConfirmed') return own('emailNotConfirmed', 'user', true)
  if (reason === 'incomplete') return own('incomplete', 'user', true)
  const phase = reason === 'tlsFailed' ? 'tls' : 'auth'
  const { reply, errorCode } = readEndingText(text ?? '')
  // nothing but a certificate or the protocol pauses an account at its encryption
  return explain({ phase, reply, errorCode: errorCode ?? (phase === 'tls' ? 'tlsProtocol' : null), host })
}

/** Whether the words kept with a pause or a failed check are those of the server, or of Microsoft; else they are ours, or the system's. */
export const isSaidByServer = (text: string, reason: PauseReason | null) => reason === 'consentNeeded' || readEndingText(text).reply !== null

function explainConsent(text: string | null): Explained {
  if (!text) return own('consentNeeded', 'user', true)
  const { explanation, mayRetry, cause } = explainOAuthError({ description: text })
  if (cause === 'unknown') return own('consentNeeded', 'user', false)
  return { namespace: 'oauthError', explanation, isSure: true, retry: mayRetry ? 'later' : 'user' }
}

const own = (explanation: Explanation, retry: Retry, isSure: boolean): Explained => ({ namespace: 'explain', explanation, isSure, retry })

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
  tooLarge: 'tooLarge',
  passwordNeeded: 'passwordNeeded',
  keyMissing: 'keyMissing',
  microsoftUnavailable: 'microsoftUnavailable',
  microsoftMisconfigured: 'microsoftMisconfigured',
}

/** What passes without anybody's doing. */
const retryOf: Partial<Record<Explanation, Retry>> = {
  timeout: 'later',
  connectionRefused: 'later',
  connectionLost: 'later',
  temporary: 'later',
  microsoftUnavailable: 'later',
  microsoftMisconfigured: 'later',
  tooLarge: 'never',
}

const byPhase: Partial<Record<Phase, Explanation>> = {
  tls: 'tlsFailed',
  auth: 'loginRefused',
  mail: 'senderRefused',
  rcpt: 'recipientRefused',
  data: 'messageRefused',
  reply: 'messageRefused',
}

/** What only Exchange Online says, and what it means there. */
function explainMicrosoft({ phase, host, mechanism }: FailedStep, reply: Reply): Explained | null {
  const explained = explainMicrosoftReply({ host: host ?? '', phase, reply, mechanism })
  if (!explained) return null
  const { kind, asAddress, fixedBy } = explained
  return { namespace: 'microsoftReply', explanation: kind, isSure: true, retry: fixedBy === 'time' ? 'later' : 'user', asAddress }
}

const graphRetry: Partial<Record<GraphErrorCode, Retry>> = { graphBusy: 'later', graphTooLarge: 'never', graphRefused: 'never' }

function explainReply({ phase, host }: FailedStep, { code, enhancedStatus, text }: Reply): Explained {
  const diagnosis = diagnose({ phase, code, enhancedStatus, text, errorCode: null })
  const explanation = explanationOf(diagnosis.kind, { phase, code, text, isMicrosoft: isMicrosoftHost(host ?? ''), isGmail: isGmailHost(host ?? '') })
  if (explanation) return own(explanation, diagnosis.retry, diagnosis.isSure)
  return own(...byCode(phase, code, diagnosis))
}

/** Where the words make nothing plain: the code and the place. */
function byCode(phase: Phase, code: number, { isSure, retry }: Diagnosis): [Explanation, Retry, boolean] {
  if (code < 500) return ['temporary', 'later', true]
  if (code === 530 || code === 535) return ['loginRefused', 'user', isSure]
  if (phase === 'connect' || phase === 'ehlo') return ['other', retry, isSure]
  if (phase === 'tls') return ['starttlsMissing', 'user', true]
  return [byPhase[phase] ?? 'other', retry, isSure]
}
