import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, createSecureContext } from 'node:tls'
import { expect, test, vi } from 'vitest'
import { minutes } from '@/lib/clock'
import { env } from '@/lib/env'
import { WrongSettings } from '@/lib/setting/wrong-settings'
import { certificateFor, type Pem } from '@/lib/testing/certificate'
import { changed } from '@/lib/testing/changed'
import { testDb } from '@/lib/testing/database'
import { followDoorCertificate, loadDoorCertificate } from './door-certificate'
import { startDoor } from './start-door'

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-door-'))
  using _folder = changed(env, { dataDir: folder })
  try {
    await run(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const load = async () => {
  const loaded = await loadDoorCertificate('sandbox')
  if (!loaded) throw new Error('no certificate')
  return loaded
}

test('a sandbox makes its door’s certificate once, its key for its owner alone, and nothing lies beside them', () =>
  inFolder(async folder => {
    const made = await load()
    expect(() => createSecureContext(made)).not.toThrow()
    expect(new X509Certificate(made.cert).checkHost('localhost')).toBe('localhost')
    expect(new X509Certificate(made.cert).checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(await load()).toEqual(made)
    expect(readdirSync(folder).sort()).toEqual(['door.key', 'door.pem'])
    expect(statSync(path.join(folder, 'door.key')).mode & 0o777).toBe(0o600)
  }))

test('engines that start together show one certificate, and it is of their key', () =>
  inFolder(async folder => {
    const [first, ...others] = await Promise.all(Array.from({ length: 8 }, load))
    expect(others.every(other => other.key === first?.key && other.cert === first.cert)).toBe(true)
    expect({ key: readFileSync(path.join(folder, 'door.key'), 'utf8'), cert: readFileSync(path.join(folder, 'door.pem'), 'utf8') }).toEqual(first)
  }))

test('a key that a crash left without its certificate gets one', () =>
  inFolder(async folder => {
    const { key } = await load()
    rmSync(path.join(folder, 'door.pem'))
    const after = await load()
    expect(after.key, 'it is the same key').toBe(key)
    expect(() => createSecureContext(after)).not.toThrow()
  }))

test.each(['door.key', 'door.pem'])('a %s that is empty, of another pair or cannot be read is named with what to do', name =>
  inFolder(async folder => {
    await load()
    const file = path.join(folder, name)
    rmSync(path.join(folder, 'door.key'))
    await load().then(
      () => expect.unreachable('the certificate is of another key'),
      error => expect([error instanceof WrongSettings, error.message]).toEqual([true, expect.stringContaining(`${path.join(folder, 'door.pem')} are not`)]),
    )
    truncateSync(file)
    await expect(load()).rejects.toThrow(/remove both/)
    rmSync(file)
    mkdirSync(file) // whoever runs the tests may read every file, whatever its mode
    await expect(load()).rejects.toThrow(`${file}, which the SMTP door shows its clients, cannot be read: EISDIR`)
  }),
)

test('a named file that is empty is told, and not shown', () =>
  inFolder(async folder => {
    await load()
    const [keyFile, certFile] = [path.join(folder, 'door.key'), path.join(folder, 'door.pem')]
    using _door = changed(env, { door: { keyFile, certFile } })
    await expect(load()).resolves.toEqual({ key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') })
    truncateSync(certFile)
    await expect(load()).rejects.toThrow('SUBMISSION_TLS_KEY_FILE and SUBMISSION_TLS_CERT_FILE are not a key')
  }))

test('a renewed certificate is shown without a restart, also when its key comes later and bears an older date', () =>
  inFolder(async folder => {
    const [keyFile, certFile] = [path.join(folder, 'named.key'), path.join(folder, 'named.pem')]
    const write = ({ key, cert }: Partial<Pem>, at: Date) => {
      for (const [file, text] of [[keyFile, key] as const, [certFile, cert] as const]) {
        if (text === undefined) continue
        writeFileSync(file, text)
        utimesSync(file, at, at)
      }
    }
    const [old, fresh] = [await certificateFor(['localhost']), await certificateFor(['localhost'])]
    write(old, new Date('2026-01-01'))
    using _door = changed(env, { door: { keyFile, certFile } })
    await using db = await testDb()
    const door = await startDoor(db, { host: '127.0.0.1', starttlsPort: 0, tlsPort: 0, certificate: old })
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const stopFollowing = followDoorCertificate(old, door.renewCertificate)
    try {
      write({ cert: fresh.cert }, new Date('2026-04-01'))
      vi.advanceTimersByTime(minutes(5))
      expect(await shownAt(door.tlsPort), 'half of it is no certificate').toBe(fingerprintOf(old))
      write({ key: fresh.key }, new Date('2026-03-31'))
      vi.advanceTimersByTime(minutes(5))
      expect(await shownAt(door.tlsPort)).toBe(fingerprintOf(fresh))
    } finally {
      stopFollowing()
      vi.useRealTimers()
      await door.close()
    }
  }))

const fingerprintOf = ({ cert }: Pem) => new X509Certificate(cert).fingerprint256

/** Which certificate the door shows whoever comes now. */
async function shownAt(port: number | null): Promise<string> {
  const socket = connect({ port: port ?? 0, host: 'localhost' })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}
