import { createTransport } from 'nodemailer'
import { expect, test } from 'vitest'
import { cards } from '@/db/schema'
import { makeCompany } from './company'
import { testDb } from './database'
import { lines, startScripted, startSmarthost } from './smtp-server'

test('two databases of one test file know nothing of each other', async () => {
  await using one = await testDb()
  await using other = await testDb()
  await makeCompany(one)
  expect(await one.select().from(cards)).toHaveLength(3)
  expect(await other.select().from(cards)).toHaveLength(0)
})

test.each(['none', 'implicit', 'starttls'] as const)('a message sent with TLS %s arrives, its certificate trusted', async tls => {
  await using smarthost = await startSmarthost({ tls, users: { 'anna@acme.test': 'secret' } })
  const transport = createTransport({
    host: smarthost.host,
    port: smarthost.port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    auth: { user: 'anna@acme.test', pass: 'secret' },
  })
  await transport.sendMail({ from: 'anna@acme.test', to: 'piotr@acme.test', subject: 'Faktura 12/2026', text: 'Dzień dobry' })
  expect(smarthost.received).toMatchObject([
    {
      envelopeSender: 'anna@acme.test',
      envelopeRecipients: ['piotr@acme.test'],
      username: 'anna@acme.test',
      isSecure: tls !== 'none',
      mail: { subject: 'Faktura 12/2026' },
    },
  ])
})

test('a wrong password is refused and the try is kept', async () => {
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': 'secret' } })
  const transport = createTransport({ host: smarthost.host, port: smarthost.port, auth: { user: 'anna@acme.test', pass: 'guess' } })
  await expect(transport.verify()).rejects.toMatchObject({ responseCode: 535 })
  expect(smarthost.logins).toMatchObject([{ username: 'anna@acme.test', password: 'guess', isSecure: true }])
})

test('a scripted server says exactly its lines', async () => {
  await using scripted = await startScripted(lines('220 hello', '500 no', '500 no'))
  const transport = createTransport({ host: scripted.host, port: scripted.port, ignoreTLS: true })
  await expect(transport.verify()).rejects.toThrow('500 no')
})
