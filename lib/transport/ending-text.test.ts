import { expect, test } from 'vitest'
import { lines, startScripted, startSmarthost } from '@/lib/testing/smtp-server'
import { endingText, readEndingText } from './ending-text'
import type { SubmissionServer } from './submission'
import { submitOverSmtp } from './submit-over-smtp'

const letter = { envelopeSender: 'anna@acme.test', recipients: ['klient@example.test'], raw: Buffer.from('Subject: Faktura\r\n\r\nW załączeniu.') }
const login = { username: 'anna', password: 'sesam' }

/** Every way in which an account comes to be paused. */
const endings: Record<string, () => Promise<AsyncDisposable & { port: number; via?: Partial<SubmissionServer> }>> = {
  'refuses the password': () => startSmarthost({ users: {} }),
  'refuses it in many lines': () => startScripted(lines('220 hi', '250-hi\r\n250 AUTH PLAIN', '535-5.7.8 Wrong password.\r\n535 5.7.8 See 5.7.139 for more.')),
  'refuses it without an enhanced status': () => startScripted(lines('220 hi', '250-hi\r\n250 AUTH PLAIN', '535 no; 5.7.8 as others say')),
  'refuses it without a word': () => startScripted(lines('220 hi', '250-hi\r\n250 AUTH PLAIN', '535')),
  'offers no sign-in': () => startScripted(lines('220 hi', '250 just me')),
  'offers a sign-in that is not ours': () => startScripted(lines('220 hi', '250-hi\r\n250 AUTH GSSAPI NTLM')),
  'refuses to encrypt': async () => ({ ...(await startScripted(lines('220 hi', '250 STARTTLS', '502 5.5.1 not here'))), via: { tls: 'starttls' } }),
  'bears another name': async () => ({ ...(await startSmarthost({ certificateNames: ['elsewhere.test'] })), via: { tls: 'starttls' } }),
  'has a certificate that ran out': async () => ({ ...(await startSmarthost({ certificateIsExpired: true })), via: { tls: 'starttls' } }),
  'has one that nobody vouches for': async () => ({ ...(await startSmarthost({ certificateIsUntrusted: true })), via: { tls: 'starttls' } }),
  'has another than the trusted one': async () => ({
    ...(await startSmarthost({ certificateNames: ['elsewhere.test'] })),
    via: { tls: 'starttls', trustedFingerprint: 'AA:BB' },
  }),
  'greets where encryption should begin': async () => ({ ...(await startScripted(lines('220 hi'))), via: { tls: 'implicit' } }),
}

test.each(Object.keys(endings))('a server that %s is explained from what its pause keeps as from the attempt itself', async name => {
  await using server = await (endings[name] as (typeof endings)[string])()
  const { port, via } = server
  const result = await submitOverSmtp({ host: 'localhost', port, tls: 'none', login, trust: 'sandbox', ...via }, letter, { deadlineMs: 5000 })
  expect(result.pauseReason).not.toBeNull()
  const { reply, errorCode } = result
  expect(readEndingText(endingText(result) ?? '')).toEqual({ reply, errorCode: reply ? null : errorCode })
})
