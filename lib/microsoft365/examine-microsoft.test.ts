import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { after, days, now } from '@/lib/clock'
import { env } from '@/lib/env'
import { applicationCertificate } from '@/lib/testing/certificate'
import { changed } from '@/lib/testing/changed'
import { testDb } from '@/lib/testing/database'
import { startMicrosoft } from '@/lib/testing/microsoft'
import { microsoftChecks } from './examine-microsoft'
import { secretEnd } from './secret-end'

const clientId = '11111111-2222-3333-4444-555555555555'

async function look(change: Partial<NonNullable<typeof env.microsoft365>> = {}, options: Parameters<typeof startMicrosoft>[0] = {}) {
  await using db = await testDb()
  await using _microsoft = await startMicrosoft(options)
  if (env.microsoft365) Object.assign(env.microsoft365, change)
  const found: Record<string, string> = {}
  for (const { name, look } of await microsoftChecks(db, 'sandbox')) {
    found[name.replace('microsoft365 ', '')] = await look().catch(error => `WRONG ${error.message}`)
  }
  return found
}

test('what is registered well is found well, each thing by itself, and what to register is said', async () => {
  const found = await look()
  expect(Object.keys(found)).toEqual(['registration', 'client id', 'secret', 'sign-in', 'application', 'redirect', 'smtp', 'graph'])
  expect(found.registration).toContain(`${env.appUrl}/oauth/microsoft/callback`)
  expect(found.registration).toMatch(/SMTP\.Send.*Mail\.Send/)
  expect(found.redirect).toBe(`${env.appUrl}/oauth/microsoft/callback is registered`)
  expect(Object.entries(found).filter(([, text]) => text.startsWith('WRONG'))).toEqual([])
})

test.each([
  ['client id', { clientId: 'posthorn' }, 'no application (client) ID'],
  ['secret', { clientSecret: clientId }, "looks like the secret's ID"],
  ['secret', { secretEnds: '2026-01-01' }, 'ended on 2026-01-01'],
  ['application', { clientSecret: 'another' }, 'AADSTS7000215'],
  ['sign-in', { authority: 'https://localhost:9' }, 'cannot be reached'],
  ['graph', { graphUrl: 'https://localhost:9' }, 'cannot be reached'],
] as const)('the doctor finds a wrong %s', async (name, change, says) => {
  expect((await look(change))[name]).toMatch(new RegExp(`^WRONG.*${says.replace(/[()]/g, '\\$&')}`))
})

test('a redirect URI that is not registered is found', async () => {
  await using db = await testDb()
  await using _microsoft = await startMicrosoft()
  using _address = changed(env, { appUrl: 'https://mail.another.test' })
  const check = (await microsoftChecks(db, 'sandbox')).find(({ name }) => name === 'microsoft365 redirect')
  await expect(check?.look()).rejects.toThrow('https://mail.another.test/oauth/microsoft/callback is not a redirect URI of the registration')
})

test('a certificate is found well, with the thumbprint that the registration shows and the day it ends', async () => {
  const registered = await applicationCertificate({ endsAt: after(now(), days(200)) })
  const found = await look({}, { registered })
  const { fingerprint256 } = new X509Certificate(registered.cert)
  expect(found.certificate).toContain(`SHA-256 thumbprint ${fingerprint256.replaceAll(':', '')}`)
  expect(found.certificate).toMatch(/ends on \d{4}-\d\d-\d\d, in \d{3} days$/)
  expect(Object.entries(found).filter(([, text]) => text.startsWith('WRONG'))).toEqual([])
})

test('the doctor finds a certificate that ends, one without its key, and one that is not registered', async () => {
  const soon = await applicationCertificate({ endsAt: after(now(), days(5)) })
  expect((await look({}, { registered: soon })).certificate).toMatch(/^WRONG ends on .*: make a new one now$/)
  const [registered, another] = [await applicationCertificate(), await applicationCertificate()]
  const mixed = await look({}, { registered, signsWith: { key: another.key, cert: registered.cert } })
  expect(mixed.certificate).toBe('WRONG The private key in M365_CLIENT_CERTIFICATE is not that of its certificate')
  expect(mixed.application, 'what cannot be signed is not asked').toMatch(/^WRONG/)
  expect((await look({ clientCertificate: '/nowhere.pem' }, { registered })).certificate).toMatch(/^WRONG ENOENT/)
  expect((await look({}, { registered, signsWith: another })).application).toMatch(/^WRONG Microsoft refuses it \(AADSTS700027, clientCertificate\)/)
})

test.each([
  ['2026-05-01T12:00:00Z', 60, null, 'nothing to say yet'],
  ['2026-05-31T12:00:00Z', 30, 30, 'a month is left'],
  ['2026-06-10T12:00:00Z', 20, 30, 'said already'],
  ['2026-06-23T12:00:00Z', 7, 7, 'a week is left'],
  ['2026-06-29T12:00:00Z', 1, 1, 'a day is left'],
  ['2026-06-30T23:00:00Z', 0, 1, 'it still holds on its last day'],
  ['2026-07-01T01:00:00Z', -1, 0, 'it is over'],
] as const)('on %s a secret that ends on 30 June has %i days left: %s', (at, daysLeft, threshold, why) => {
  expect(secretEnd('2026-06-30', new Date(at)), why).toMatchObject({ daysLeft, threshold })
})
