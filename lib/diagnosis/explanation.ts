import type { Phase } from '@/db/schema'
import type { FailureKind } from './failure'

/** Names of the explanations in the message files (`explain.<name>`): a title, what it means, numbered steps. The API gives them as they are. */
export const explanations = [
  'gmailAppPassword',
  'appPassword',
  'loginRefused',
  'microsoftLogin',
  'consentNeeded',
  'authMissing',
  'authMethod',
  'authNotOffered',
  'starttlsMissing',
  'tlsMode',
  'certificateName',
  'certificateExpired',
  'certificateUntrusted',
  'tlsFailed',
  'hostNotFound',
  'notAdmitted',
  'portNotAdmitted',
  'connectionRefused',
  'timeout',
  'connectionLost',
  'senderRefused',
  'recipientRefused',
  'recipientDomain',
  'messageRefused',
  'contentRefused',
  'tooLarge',
  'temporary',
  'passwordNeeded',
  'keyMissing',
  'microsoftUnavailable',
  'microsoftMisconfigured',
  'emailNotConfirmed',
  'incomplete',
  'smtpAuthDisabled',
  'smtpSwitchedOff',
  'accountBlocked',
  'tooMuch',
  'addressBlocked',
  'senderNotAllowed',
  'senderAuthentication',
  'mailboxFull',
  'relayDenied',
  'heloRefused',
  'other',
] as const

export type Explanation = (typeof explanations)[number]

type Said = { phase: Phase; code: number; text: string; isMicrosoft: boolean; isGmail: boolean }

/** What explains a kind of failure; null where only the code and the place are left to say something. */
export function explanationOf(kind: FailureKind, said: Said): Explanation | null {
  const found = byKind[kind]
  return typeof found === 'function' ? found(said) : (found ?? null)
}

const wantsAppPassword = /application-specific|InvalidSecondFactor|app(lication)?[ -]password|parol prilozheniya|hasł[oa] (do )?aplikacji/i

const byKind: Partial<Record<FailureKind, Explanation | ((said: Said) => Explanation | null)>> = {
  credentials: ({ text, isMicrosoft, isGmail, code, phase }) => {
    if (wantsAppPassword.test(text) || (phase === 'auth' && code === 534 && isGmail))
      return isGmail || /gsmtp|google|InvalidSecondFactor|application-specific password required/i.test(text) ? 'gmailAppPassword' : 'appPassword'
    return isMicrosoft ? 'microsoftLogin' : 'loginRefused'
  },
  oauth: 'microsoftLogin',
  providerSetting: ({ text, isMicrosoft }) =>
    isMicrosoft || /SmtpClientAuth|smtp_auth_disabled|security defaults|basic auth|outlook\.com|did not meet the criteria/i.test(text)
      ? 'smtpAuthDisabled'
      : 'smtpSwitchedOff',
  accountBlocked: 'accountBlocked',
  rateLimit: 'tooMuch',
  ipReputation: 'addressBlocked',
  senderAddress: ({ text }) =>
    /not (owned|allowed|authori[sz]ed)|send as|verified|match|same as|not (one of )?your|relaying disallowed as/i.test(text)
      ? 'senderNotAllowed'
      : 'senderRefused',
  senderAuthentication: 'senderAuthentication',
  mailboxFull: 'mailboxFull',
  authMissing: 'authMissing',
  authMethod: 'authMethod',
  relayOrIp: 'relayDenied',
  helo: 'heloRefused',
  portOrTlsMode: 'tlsMode',
  dns: 'recipientDomain',
  content: ({ text, code }) => (/size|too (large|big|long)/i.test(text) || code === 552 ? 'tooLarge' : 'contentRefused'),
  recipient: ({ phase }) => (phase === 'rcpt' || phase === 'data' || phase === 'reply' ? 'recipientRefused' : null),
}
