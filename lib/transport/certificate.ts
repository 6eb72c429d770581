import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { StepFacts } from './conversation'

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
