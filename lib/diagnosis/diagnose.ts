import { networkRules, signInRules } from './connection-rules'
import type { Failure, FailureKind, Retry } from './failure'
import { mailRules } from './mail-rules'
import { look } from './rule'

/** `isSure` is false where the words of the server fit several causes: a page then says "most often". */
export type Diagnosis = { kind: FailureKind; retry: Retry; isSure: boolean }

const rules = [...networkRules, ...signInRules, ...mailRules]

/** Kinds that a person mends, whatever the code; the rest go by the code. */
const retryOf: Partial<Record<FailureKind, Retry>> = {
  credentials: 'user',
  providerSetting: 'user',
  oauth: 'user',
  authMissing: 'user',
  authMethod: 'user',
  senderAddress: 'user',
  portOrTlsMode: 'user',
  tlsProtocol: 'user',
  certificate: 'user',
  accountBlocked: 'user',
  ourConfiguration: 'user',
  relayOrIp: 'user',
  helo: 'user',
  rateLimit: 'later',
  temporary: 'later',
  connection: 'later',
  dns: 'later',
  ipReputation: 'later', // the list forgets, and another of our addresses may be let in
  recipient: 'never',
  content: 'never',
  policy: 'never',
}

/**
 * What is wrong, by what the server said and where. Words first where they are plain, then the enhanced status
 * (RFC 3463, IANA's registry), then the code and the phase (RFC 5321, 4954): servers are careless with codes and
 * careful with words. The first rule that fits decides, so the more particular stand above.
 */
export function diagnose(failure: Failure): Diagnosis {
  const seen = look(failure)
  const byCode: Retry = seen.class === 4 ? 'later' : 'never'
  const rule = rules.find(candidate => candidate.when(seen))
  if (!rule) return { kind: seen.class === 4 ? 'temporary' : 'other', retry: byCode, isSure: false }
  return { kind: rule.kind, retry: rule.retry ?? retryOf[rule.kind] ?? byCode, isSure: !rule.isUnsure }
}
