import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { generate } from 'selfsigned'

/**
 * A sandbox plays Microsoft on this machine over https. Its certificate speaks for `localhost` and nothing else, stays in the data
 * directory, and has to be trusted before a process starts. Gives the variables that do so; none for a live installation.
 */
export async function sandboxCertificate({ RELAY_URL, M365_CLIENT_ID, DATA_DIR, NODE_EXTRA_CA_CERTS }) {
  if (RELAY_URL || M365_CLIENT_ID) return {}
  const folder = path.resolve(DATA_DIR || './data', 'sandbox')
  const [key, cert, trusted] = ['microsoft.key', 'microsoft.pem', 'trusted.pem'].map(name => path.join(folder, name))
  if (!isGood(key, cert)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const made = await make()
    writeFileSync(key, made.private, { mode: 0o600 })
    writeFileSync(cert, made.cert)
  }
  const others = NODE_EXTRA_CA_CERTS && NODE_EXTRA_CA_CERTS !== trusted && existsSync(NODE_EXTRA_CA_CERTS) ? readFileSync(NODE_EXTRA_CA_CERTS, 'utf8') : ''
  writeFileSync(trusted, `${readFileSync(cert, 'utf8')}\n${others}`)
  return { NODE_EXTRA_CA_CERTS: trusted }
}

/** There, and valid for a month to come. */
const isGood = (key, cert) => existsSync(key) && existsSync(cert) && Date.parse(new X509Certificate(readFileSync(cert)).validTo) > Date.now() + 30 * 86_400_000

function make() {
  const day = 86_400_000
  return generate([{ name: 'commonName', value: 'Posthorn sandbox' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: new Date(Date.now() + 365 * day),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  })
}
