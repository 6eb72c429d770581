import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createSecureContext } from 'node:tls'
import { generate } from 'selfsigned'
import { minutes } from '@/lib/clock'
import { env } from '@/lib/env'
import type { Mode } from '@/lib/installation/mode'
import { log } from '@/lib/log'
import { WrongSettings } from '@/lib/setting/wrong-settings'
import { writeOnce } from '@/lib/write-once'

export type DoorCertificate = { key: string; cert: string }

/**
 * Key and certificate of the door: the files that are named, or in a sandbox one made for this machine and kept.
 * Null in a live installation where none is named: the door stays closed then.
 */
export async function loadDoorCertificate(mode: Mode): Promise<DoorCertificate | null> {
  const { keyFile, certFile } = env.door
  if (keyFile && certFile) return namedCertificate(keyFile, certFile)
  return mode === 'sandbox' ? ownCertificate() : null
}

function namedCertificate(keyFile: string, certFile: string): DoorCertificate {
  const named = { key: readNamed('SUBMISSION_TLS_KEY_FILE', keyFile), cert: readNamed('SUBMISSION_TLS_CERT_FILE', certFile) }
  try {
    assertPair(named)
  } catch {
    throw new WrongSettings('SUBMISSION_TLS_KEY_FILE and SUBMISSION_TLS_CERT_FILE are not a key and its certificate in PEM')
  }
  return named
}

/** A context of TLS takes empty texts for none, and the door would have nothing to show. */
function assertPair(pair: DoorCertificate): void {
  if (!new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key))) throw new Error('of another key')
  createSecureContext(pair)
}

function readNamed(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new WrongSettings(`${setting} names ${file}, which cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

const lookEveryMs = minutes(5)

/**
 * Looks into the named files every few minutes and calls `renew` when they hold another pair than is `shown`, so that it is taken without
 * a restart. What cannot be read, as a certificate whose key is still to come, leaves the old one, and is looked at again. Gives what ends it.
 */
export function followDoorCertificate(shown: DoorCertificate, renew: (fresh: DoorCertificate) => void): () => void {
  const { keyFile, certFile } = env.door
  if (!keyFile || !certFile) return () => undefined
  let latest = shown
  const looking = setInterval(() => {
    try {
      const found = namedCertificate(keyFile, certFile)
      if (found.key === latest.key && found.cert === latest.cert) return
      renew(found)
      latest = found
      log.info({ event: 'doorCertificateRenewed' }, 'the SMTP door shows a new certificate')
    } catch (error) {
      log.error({ event: 'doorCertificate', err: error }, 'the new certificate of the SMTP door cannot be read; the old one stays')
    }
  }, lookEveryMs).unref()
  return () => clearInterval(looking)
}

/**
 * Each file is whole or not there. The certificate is made for the key that has its name, whoever made that and whenever, so that
 * engines which start together, or one after a crash between the two files, come to one pair.
 */
async function ownCertificate(): Promise<DoorCertificate> {
  const [keyFile, certFile] = [path.join(env.dataDir, 'door.key'), path.join(env.dataDir, 'door.pem')]
  if (!existsSync(keyFile)) writeOnce(keyFile, newKey(), { mode: 0o600 })
  const key = readOwn(keyFile)
  try {
    if (!existsSync(certFile)) writeOnce(certFile, await selfSigned(key), { mode: 0o644 })
    const own = { key, cert: readOwn(certFile) }
    assertPair(own)
    return own
  } catch (error) {
    if (error instanceof WrongSettings) throw error
    throw new WrongSettings(`${keyFile} and ${certFile} are not a key and its certificate in PEM: remove both, and the engine makes new ones`)
  }
}

function readOwn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new WrongSettings(`${file}, which the SMTP door shows its clients, cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

const newKey = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey

async function selfSigned(privateKey: string): Promise<string> {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    keyPair: { privateKey, publicKey },
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 10 * 365 * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return made.cert
}
