import { expect, test } from 'vitest'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { probeServer } from './probe-server'
import type { SubmissionServer } from './submission'
import { submitOverSmtp } from './submit-over-smtp'

const letter = { envelopeSender: 'anna@acme.test', recipients: ['klient@example.test'], raw: Buffer.from('Subject: Faktura\r\n\r\nW załączeniu.') }
const users = { anna: 'sesam' }
const login = { username: 'anna', password: 'sesam' }

test.each(['starttls', 'implicit'] as const)(
  'with tls=%s only the very certificate an admin trusts is let through, and no other sees the password',
  async tls => {
    await using trusted = await startSmarthost({ tls, users, certificateIsUntrusted: true })
    await using impostor = await startSmarthost({ tls, users, certificateIsUntrusted: true })
    const [found] = await probeServer({ host: 'localhost', ports: [trusted.port], mode: 'sandbox' })
    const server = (port: number, trustedFingerprint: string | null): SubmissionServer => ({
      host: 'localhost',
      port,
      tls,
      login,
      trust: 'sandbox',
      trustedFingerprint,
    })
    const fingerprint = found?.certificate?.fingerprint256 ?? ''

    expect(await submitOverSmtp(server(trusted.port, null), letter)).toMatchObject({
      phase: 'tls',
      errorCode: 'certificateUntrusted',
      pauseReason: 'tlsFailed',
    })
    expect(await submitOverSmtp(server(trusted.port, fingerprint), letter)).toMatchObject({ outcome: 'accepted' })
    expect(await submitOverSmtp(server(impostor.port, fingerprint), letter)).toMatchObject({
      phase: 'tls',
      errorCode: 'certificateUntrusted',
      pauseReason: 'tlsFailed',
    })
    expect(impostor.logins, 'the password is not said before the certificate is known').toEqual([])
    expect(impostor.received).toEqual([])
    await expect.poll(impostor.countOpen, { message: 'nor is it kept waiting for more' }).toBe(0)
  },
)

test('a certificate that an authority vouches for needs no trust, and a trusted one may bear another name or be out of date', async () => {
  await using renewed = await startSmarthost({ users })
  const via = { host: 'localhost', tls: 'starttls', login, trust: 'sandbox' } as const
  expect(await submitOverSmtp({ ...via, port: renewed.port, trustedFingerprint: 'AA:BB' }, letter)).toMatchObject({ outcome: 'accepted' })
  for (const shown of [{ certificateIsExpired: true }, { certificateNames: ['elsewhere.test'] }]) {
    await using old = await startSmarthost({ users, ...shown })
    const [found] = await probeServer({ host: 'localhost', ports: [old.port], mode: 'sandbox' })
    expect(await submitOverSmtp({ ...via, port: old.port, trustedFingerprint: found?.certificate?.fingerprint256 }, letter)).toMatchObject({
      outcome: 'accepted',
    })
  }
})
