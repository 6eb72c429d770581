import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createSecureContext } from 'node:tls'
import { generate } from 'selfsigned'
import { env } from '@/lib/env'
import type { Mode } from '@/lib/installation/mode'
import { WrongSettings } from '@/lib/setting/wrong-settings'

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
    createSecureContext(named)
  } catch {
    throw new WrongSettings('SUBMISSION_TLS_KEY_FILE and SUBMISSION_TLS_CERT_FILE are not a key and its certificate in PEM')
  }
  return named
}

function readNamed(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new WrongSettings(`${setting} names ${file}, which cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** When the named files were last written, so that a renewed certificate is taken without a restart. */
export function certificateWrittenAt(): number {
  const { keyFile, certFile } = env.door
  return keyFile && certFile ? Math.max(statSync(keyFile).mtimeMs, statSync(certFile).mtimeMs) : 0
}

async function ownCertificate(): Promise<DoorCertificate> {
  const [keyFile, certFile] = [path.join(env.dataDir, 'door.key'), path.join(env.dataDir, 'door.pem')]
  if (existsSync(keyFile) && existsSync(certFile)) return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') }
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
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
  mkdirSync(env.dataDir, { recursive: true, mode: 0o700 })
  writeFileSync(keyFile, made.private, { mode: 0o600 })
  writeFileSync(certFile, made.cert)
  return { key: made.private, cert: made.cert }
}
