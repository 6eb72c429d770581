import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { StepFacts } from './conversation'
import { errorCodeOf, TransportFailure } from './failure'

/** What encrypts this connection: protocol, cipher, and the certificate that the server showed. Nothing for an open one. */
export function certificateOf(socket: Socket): StepFacts {
  if (!(socket instanceof TLSSocket)) return {}
  const shown = socket.getPeerCertificate()
  const facts: StepFacts = { protocol: socket.getProtocol() ?? undefined, cipher: socket.getCipher()?.name }
  if (!shown?.fingerprint256) return facts
  const instant = (text: string) => new Date(text).toISOString()
  const name = (entry: { CN?: string | string[]; O?: string | string[] }) => [entry.CN, entry.O].flat().find(Boolean) ?? ''
  return {
    ...facts,
    certificate: {
      subject: name(shown.subject),
      issuer: name(shown.issuer),
      validFrom: instant(shown.valid_from),
      validTo: instant(shown.valid_to),
      fingerprint256: shown.fingerprint256,
    },
  }
}

/**
 * Node refuses a certificate by itself, except where an admin trusts exactly one that nobody vouches for: then the
 * handshake ends, and this decides before anything is said. Gives null for a connection that may go on.
 */
export function distrustOf(socket: Socket, trustedFingerprint: string | null | undefined): TransportFailure | null {
  if (!trustedFingerprint || !(socket instanceof TLSSocket) || socket.authorized) return null
  if (socket.getPeerCertificate()?.fingerprint256 === trustedFingerprint) return null
  const reason = String(socket.authorizationError ?? '')
  return new TransportFailure(errorCodeOf({ code: reason, message: reason }), `Not the trusted certificate, and not verified: ${reason}`)
}
