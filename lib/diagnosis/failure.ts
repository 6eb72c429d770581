import type { Phase } from '@/db/schema'

/** What is known of a failure: where it happened, what was said, or the network's own error. */
export type Failure = {
  phase: Phase | null // null: only the text is known, as in a log line somebody pasted
  code: number | null // RFC 5321 reply code
  enhancedStatus: string | null // RFC 3463
  text: string
  errorCode: string | null // node's, OpenSSL's or our own word where no reply was given
}

/** What kind of thing is wrong; each has one page of words and one way out. */
export type FailureKind =
  | 'credentials'
  | 'providerSetting'
  | 'oauth'
  | 'authMissing'
  | 'authMethod'
  | 'senderAddress'
  | 'senderAuthentication'
  | 'rateLimit'
  | 'portOrTlsMode'
  | 'tlsProtocol'
  | 'certificate'
  | 'relayOrIp'
  | 'ipReputation'
  | 'helo'
  | 'dns'
  | 'connection'
  | 'temporary'
  | 'accountBlocked'
  | 'ourConfiguration'
  | 'recipient'
  | 'mailboxFull'
  | 'content'
  | 'policy'
  | 'other'

/** `later`: the same bytes may pass another time; `user`: once a person has changed something; `never`: this recipient or message will not. */
export type Retry = 'later' | 'user' | 'never'

/** Reads code and enhanced status out of a line as people paste it (`535-5.7.8 …`, `said: 550 5.1.1 …`). Nulls where there is none. */
export function failureFromText(text: string, { phase = null, errorCode = null }: Partial<Pick<Failure, 'phase' | 'errorCode'>> = {}): Failure {
  const enhanced = text.match(/(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/)?.[1] ?? null
  const reply = text.match(/(?<![\d.[:])([2-5]\d\d)(?=[-\s"';)]|$)/)?.[1]
  return { phase, code: reply ? Number(reply) : null, enhancedStatus: enhanced, text, errorCode }
}
