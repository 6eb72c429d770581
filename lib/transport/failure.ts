import { Refusal } from '@/lib/errors'

/** A failure of ours, under a name that the message files explain (`conversation.<code>`). */
export class TransportFailure extends Error {
  constructor(
    readonly code: string,
    message: string = code,
  ) {
    super(message)
  }
}

/** An error of nodemailer: its own code, the system's beneath it, and what the server said. */
export type SmtpError = Error & { code?: string; originalCode?: string; response?: string }

const bySystemCode: Record<string, string> = {
  ENOTFOUND: 'hostNotFound',
  EAI_AGAIN: 'dnsUnavailable',
  ECONNREFUSED: 'connectionRefused',
  ENETUNREACH: 'networkUnreachable',
  EHOSTUNREACH: 'networkUnreachable',
  EADDRNOTAVAIL: 'networkUnreachable',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'connectionLost',
  EPIPE: 'connectionLost',
  ECONNECTION: 'connectionLost',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificateName',
  CERT_HAS_EXPIRED: 'certificateExpired',
  CERT_NOT_YET_VALID: 'certificateExpired',
  EPROTOCOL: 'protocol',
}

/** What node and OpenSSL write; their texts are stable. `distrustOf` quotes the codes. */
const byWords: [RegExp, string][] = [
  [/ssl routines|wrong version number/i, 'tlsProtocol'],
  [/altnames|Hostname\/IP does not match|ALTNAME_INVALID/i, 'certificateName'],
  [/cert(ificate)?.has.expired|not.yet.valid/i, 'certificateExpired'],
  [/self.signed|unable.to.(verify|get)|certificate/i, 'certificateUntrusted'],
]

/** The word that a text alone tells; null where it tells none. */
export const errorCodeIn = (text: string): string | null => byWords.find(([pattern]) => pattern.test(text))?.[1] ?? null

/** One word for why a conversation broke, whichever layer it broke in. */
export function errorCodeOf(error: unknown): string {
  if (error instanceof TransportFailure || error instanceof Refusal) return error.code
  const { code = '', originalCode = '', message = '' } = error as SmtpError
  const told = errorCodeIn(message)
  if (told) return told
  const known = bySystemCode[originalCode] ?? bySystemCode[code]
  if (known) return known
  if (/^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|CERT_|ERR_TLS_CERT)/.test(originalCode || code)) return 'certificateUntrusted'
  return /^(ERR_SSL|EPROTO$)/.test(originalCode || code) ? 'tlsProtocol' : 'connectionLost'
}
