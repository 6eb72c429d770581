import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import selfsigned from 'selfsigned'

export type IssuedCertificate = { key: string; cert: string }
type Authority = IssuedCertificate & { file: string }

/** Makes a certificate authority of the tests' own, and a file of it for NODE_EXTRA_CA_CERTS. */
export async function makeAuthority(): Promise<Authority> {
  const made = await selfsigned.generate([{ name: 'commonName', value: 'Posthorn test authority' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'posthorn-ca-')), 'ca.pem')
  writeFileSync(file, made.cert)
  return { key: made.private, cert: made.cert, file }
}

/** A certificate for one host name, signed by the authority, or by itself when there is none. */
export async function issueCertificate(host: string, { authority, notAfter }: { authority?: IssuedCertificate; notAfter?: Date } = {}): Promise<IssuedCertificate> {
  const made = await selfsigned.generate([{ name: 'commonName', value: host }], {
    keySize: 2048,
    algorithm: 'sha256',
    ...(notAfter ? { notBeforeDate: new Date(notAfter.getTime() - 86_400_000), notAfterDate: notAfter } : {}),
    ...(authority ? { ca: { key: authority.key, cert: authority.cert } } : {}),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
  })
  return { key: made.private, cert: made.cert }
}
