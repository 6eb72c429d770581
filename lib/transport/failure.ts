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
export type SmtpError = Error & { code?: string; originalCode?: string; response?: string; responseCode?: number; command?: string }

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

/** One word for why a conversation broke, whichever layer it broke in. */
export function errorCodeOf(error: unknown): string {
  if (error instanceof TransportFailure || error instanceof Refusal) return error.code
  const { code = '', originalCode = '', message = '' } = error as SmtpError
  const known = bySystemCode[originalCode] ?? bySystemCode[code]
  if (/altnames|Hostname\/IP does not match/i.test(message)) return 'certificateName'
  if (/^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|CERT_|ERR_TLS_CERT)/.test(originalCode || code)) return known ?? 'certificateUntrusted'
  if (/self[- ]signed certificate|unable to (verify|get)/i.test(message)) return 'certificateUntrusted'
  if (/^(ERR_SSL|EPROTO$)/.test(originalCode || code) || /ssl routines|wrong version number/i.test(message)) return 'tlsProtocol'
  if (known) return known
  return code === 'EMESSAGE' && /larger than allowed/.test(message) ? 'tooLarge' : 'connectionLost'
}
