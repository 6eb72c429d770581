import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { generate } from 'selfsigned'

export type Pem = { key: string; cert: string }

/** Makes a certificate authority for one test run and gives the folder's `ca.pem`, to be named in NODE_EXTRA_CA_CERTS. */
export async function makeAuthority(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const made = await generate([{ name: 'commonName', value: 'Posthorn test authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: yesterday(),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  writeFileSync(path.join(folder, 'ca.key'), made.private, { mode: 0o600 })
  writeFileSync(path.join(folder, 'ca.pem'), made.cert)
  return path.join(folder, 'ca.pem')
}

/** A server's key and certificate for these names, signed by the authority this process trusts. */
export async function certificateFor(names: string[], { isExpired = false, isUntrusted = false } = {}): Promise<Pem> {
  const made = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: isExpired ? new Date('2020-01-01') : yesterday(),
    ...(isExpired ? { notAfterDate: new Date('2020-02-01') } : {}),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map(name => ({ type: 2 as const, value: name })) },
    ],
    ...(isUntrusted ? {} : { ca: trustedAuthority() }),
  })
  return { key: made.private, cert: made.cert }
}

/** What an application proves itself with at Microsoft: an RSA key, and a certificate signed by itself. */
export async function applicationCertificate({ endsAt }: { endsAt?: Date } = {}): Promise<Pem> {
  const notAfterDate = endsAt ? { notAfterDate: endsAt } : {}
  const made = await generate([{ name: 'commonName', value: 'Posthorn' }], {
    keyType: 'rsa',
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate: yesterday(),
    ...notAfterDate,
  })
  return { key: made.private, cert: made.cert }
}

function trustedAuthority(): Pem {
  const file = process.env.NODE_EXTRA_CA_CERTS
  if (!file) throw new Error('NODE_EXTRA_CA_CERTS must name the ca.pem of makeAuthority before this process starts')
  return { key: readFileSync(path.join(path.dirname(file), 'ca.key'), 'utf8'), cert: readFileSync(file, 'utf8') }
}

const yesterday = () => new Date(Date.now() - 86_400_000)
