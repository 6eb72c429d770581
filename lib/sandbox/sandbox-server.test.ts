import { expect, test } from 'vitest'
import { composeMessage } from '@/lib/message/compose-message'
import { testDb } from '@/lib/testing/database'
import { submitOverSmtp } from '@/lib/transport/submit-over-smtp'
import { getCaptured, listCaptured } from './captured-message'
import { keepMessage, startSandboxServer } from './sandbox-server'

const letter = (html?: string) =>
  composeMessage({
    from: { name: 'Anna Nowak', address: 'anna@acme.test' },
    replyTo: null,
    to: ['klient@example.test'],
    cc: [],
    subject: 'Zażółć gęślą jaźń',
    text: 'Dzień dobry',
    html,
    attachments: [{ filename: 'faktura.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF') }],
    rfcMessageId: '1@acme.test',
    date: new Date('2026-05-03T10:42:00Z'),
  })

test('the sandbox takes the place of the relay and shows what it took', async () => {
  await using db = await testDb()
  const sandbox = await startSandboxServer(db, { port: 0 })
  const html =
    '<p onclick="alert(1)">Dzień <b>dobry</b></p><script>alert(1)</script><img src="https://tracker.test/x.gif"><a href="javascript:alert(1)">x</a><form action="/"></form>'
  const result = await submitOverSmtp(sandbox.relay, {
    envelopeSender: 'anna@acme.test',
    recipients: ['klient@example.test', 'ukryty@example.test'],
    raw: await letter(html),
  })
  await sandbox.close()
  expect(result.outcome).toBe('accepted')
  const [row] = await listCaptured(db)
  expect(row).toMatchObject({
    envelopeSender: 'anna@acme.test',
    envelopeRecipients: ['klient@example.test', 'ukryty@example.test'],
    subject: 'Zażółć gęślą jaźń',
    username: null,
  })
  expect(result.steps.at(-1)?.facts.queueId).toBe(row?.id)
  const shown = await getCaptured(db, { id: row?.id ?? '' })
  expect(shown.html).toContain('<b>dobry</b>')
  expect(shown.html).not.toMatch(/script|onclick|javascript|tracker|form/)
  expect(shown).toMatchObject({
    text: expect.stringContaining('Dzień dobry'),
    attachments: [{ filename: 'faktura.pdf', contentType: 'application/pdf', sizeBytes: 4 }],
  })
  expect(shown.headers).toContainEqual({ name: 'To', value: 'klient@example.test' })
  expect(shown.raw).toContain('Message-ID: <1@acme.test>')
  for (const id of ['none', 'a\0']) await expect(getCaptured(db, { id })).rejects.toMatchObject({ code: 'messageNotFound' })
})

test('a newcomer can see a refused login: the password is wrong', async () => {
  await using db = await testDb()
  const sandbox = await startSandboxServer(db, { port: 0 })
  const send = async (password: string) =>
    submitOverSmtp(
      { ...sandbox.relay, trust: 'sandbox', login: { username: 'anna', password } },
      { envelopeSender: 'anna@acme.test', recipients: ['k@example.test'], raw: await letter() },
    )
  expect(await send('wrong')).toMatchObject({ phase: 'auth', reply: { code: 535 }, pauseReason: 'loginRefused' })
  expect(await send('anything else')).toMatchObject({ outcome: 'accepted' })
  await sandbox.close()
  expect(await listCaptured(db)).toMatchObject([{ username: 'anna' }])
})

test('the sandbox keeps a message whose encoded subject hides a NUL and a line break', async () => {
  await using db = await testDb()
  const raw = Buffer.from('From: anna@acme.test\r\nSubject: =?utf-8?q?a=00b=0D=0Ac?=\r\n\r\nx')
  await keepMessage(db, { envelopeSender: 'anna@acme.test', envelopeRecipients: ['k@example.test'], username: null, raw })
  expect(await listCaptured(db)).toMatchObject([{ subject: 'a b  c' }])
})
