import { eq } from 'drizzle-orm'
import { simpleParser } from 'mailparser'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { messageContents, messages, recipients, senders } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { acceptMessages } from './accept-messages'
import { bodyOf } from './body-of'
import { enqueueMessage } from './enqueue-message'
import { findWay } from './find-way'
import { getMessage, resendMessage } from './message'
import { prepareRawMessage } from './prepare-raw-message'
import { sendWaitingByNewRoute } from './reroute'

const invoice = {
  to: ['k@example.test'],
  cc: ['c@example.test'],
  subject: 'Faktura 1/11/2026',
  text: 'W załączeniu.',
  html: '<p>W załączeniu.</p>',
  kind: 'document' as const,
  document: { type: 'invoice', number: '1/11/2026' },
  attachments: [{ filename: 'faktura.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF-1') }],
  headers: { 'X-ERP': '17' },
}
const mailOf = async (db: Db, id: string) => {
  const [message] = await db.select().from(messages).where(eq(messages.id, id))
  if (!message) throw new Error('no such message')
  return { message, mail: await simpleParser(await bodyOf(db, message)) }
}
const put = (db: Db, id: string, set: Partial<typeof messages.$inferInsert>) => db.update(messages).set(set).where(eq(messages.id, id))

const written = [
  'From: Anna z biura <anna@acme.test>',
  'To: k@example.test',
  'Cc: c@example.test',
  'Subject: Faktura',
  'Date: Tue, 24 Nov 2026 20:00:00 +0000',
  'Message-ID: <erp.1@acme.test>',
  'Reply-To: biuro@acme.test',
  'X-ERP: 17',
  'List-Unsubscribe: <mailto:nie@acme.test>',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  '',
  'Zażółć\t gęślą.',
  '.kropka',
  '',
].join('\r\n')

/** A message that a program handed in by SMTP. */
async function handIn(db: Db, { tenantId, cardId }: Actor): Promise<string> {
  const input = { raw: Buffer.from(written), recipients: ['k@example.test', 'c@example.test'], dsn: null, protocol: 'ESMTPSA' }
  const prepared = prepareRawMessage(await findWay(db, tenantId, cardId), input)
  await acceptMessages(db, [prepared], 'app')
  return prepared.id
}
const bodyIn = (raw: Buffer) => raw.subarray(raw.indexOf('\r\n\r\n')).toString()

test('a message is sent to another address as a new one that names the one before; that one stays as it was', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, invoice)
  await put(db, id, { state: 'refused', dueAt: null, endedAt: now() })
  const again = await resendMessage(db, user, { id, to: ' Ksiegowosc@Klient.test ' })
  const [before, after] = [await mailOf(db, id), await mailOf(db, again.id)]
  expect(after.message).toMatchObject({ state: 'queued', resendOf: id, kind: 'document', documentNumber: '1/11/2026', subject: invoice.subject })
  expect(after.mail).toMatchObject({ subject: invoice.subject, text: before.mail.text, references: `<${before.message.rfcMessageId}>` })
  expect(after.mail.messageId, 'a message of its own').not.toBe(before.mail.messageId)
  expect(after.mail.to).toMatchObject({ text: 'Ksiegowosc@klient.test' })
  expect(after.mail.cc, 'it goes to nobody else').toBeUndefined()
  expect(after.mail.headers.get('x-erp')).toBe('17')
  expect(after.mail.attachments.map(({ filename, content }) => `${filename} ${content}`)).toEqual(['faktura.pdf %PDF-1'])
  expect((await db.select().from(recipients).where(eq(recipients.messageId, again.id))).map(({ address }) => address)).toEqual(['Ksiegowosc@klient.test'])
  expect(before.message).toMatchObject({ state: 'refused', resendOf: null })
  expect((await getMessage(db, user, { id })).resends).toMatchObject([{ id: again.id, address: 'Ksiegowosc@klient.test' }])
  expect((await getMessage(db, user, { id: again.id })).resendOf).toMatchObject({ id, address: 'k@example.test' })
})

test('it leaves as its card does now, also when an admin sends it, and a thread grows at its end', async () => {
  await using db = await testDb()
  const { user, admin, tenantId } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { ...invoice, headers: { References: '<first@erp.test>' } })
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'replyTo', updatedAt: now() })
  const again = await resendMessage(db, admin, { id, to: 'b@example.test' })
  const { message, mail } = await mailOf(db, again.id)
  expect(message).toMatchObject({ cardId: user.cardId, fromAddress: 'acme@event.data.directo.ee', replyTo: 'anna@acme.test' })
  expect(mail.references).toEqual(['<first@erp.test>', `<${id}@acme.test>`])
})

test('a message of a program goes again as it came, but to whom, when and under which name', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const id = await handIn(db, user)
  const again = await resendMessage(db, user, { id, to: 'b@example.test' })
  const [before, { message, mail }] = [await mailOf(db, id), await mailOf(db, again.id)]
  expect(mail.from).toMatchObject({ text: '"Anna z biura" <anna@acme.test>' })
  expect(message).toMatchObject({ fromName: 'Anna z biura', resendOf: id })
  expect(mail).toMatchObject({ references: '<erp.1@acme.test>', messageId: `<${message.rfcMessageId}>`, to: { text: 'b@example.test' } })
  expect(mail.replyTo, 'the program’s own').toMatchObject({ text: 'biuro@acme.test' })
  expect(mail.cc).toBeUndefined()
  expect(mail.headers.get('x-erp')).toBe('17')
  expect(bodyIn(await bodyOf(db, message))).toBe(bodyIn(await bodyOf(db, before.message)))
})

test.each([
  ['nobody', 'addressInvalid'],
  ['a@b.test, c@d.test', 'addressInvalid'],
  ['a@b.test\r\nBcc: c@d.test', 'addressInvalid'],
  ['', 'addressInvalid'],
])('%j is no address to send it to, and nothing is queued', async (to, code) => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, invoice)
  await expect(resendMessage(db, user, { id, to })).rejects.toMatchObject({ code, field: 'to' })
  expect(await db.select().from(messages)).toHaveLength(1)
})

test('a test, and a message whose text is gone, are not sent again; nobody else’s message exists', async () => {
  await using db = await testDb()
  const { user, second } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const { id } = await enqueueMessage(db, user, invoice)
  for (const stranger of [second, other.admin, other.user])
    await expect(resendMessage(db, stranger, { id, to: 'b@example.test' })).rejects.toMatchObject({ code: 'messageNotFound' })
  await put(db, id, { kind: 'test' })
  await expect(resendMessage(db, user, { id, to: 'b@example.test' })).rejects.toMatchObject({ code: 'cannotResend' })
  await put(db, id, { kind: 'document' })
  await db.delete(messageContents)
  await expect(resendMessage(db, user, { id, to: 'b@example.test' })).rejects.toMatchObject({ code: 'textRemoved' })
  expect(await db.select().from(messages)).toHaveLength(1)
})

test('what a program handed in keeps its own fields when it is sent by the new route, there and back', async () => {
  await using db = await testDb()
  const { user, tenantId } = await makeCompany(db)
  const id = await handIn(db, user)
  const before = await mailOf(db, id)
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'replyTo', updatedAt: now() })
  expect(await sendWaitingByNewRoute(db, user, { code: 'ANNA' })).toBe(1)
  const there = await mailOf(db, id)
  expect(there.mail.from?.value).toMatchObject([{ address: 'acme@event.data.directo.ee' }])
  expect(there.mail).toMatchObject({
    replyTo: { text: 'anna@acme.test' },
    messageId: '<erp.1@acme.test>',
    date: before.mail.date,
    cc: { text: 'c@example.test' },
  })
  expect(there.mail.headers.get('x-erp')).toBe('17')
  expect(there.mail.headers.get('list'), 'a field the composer does not know').toMatchObject({ unsubscribe: { mail: 'nie@acme.test' } })
  expect(bodyIn(await bodyOf(db, there.message))).toBe(bodyIn(await bodyOf(db, before.message)))

  await db.update(senders).set({ choice: 'platform' })
  expect(await sendWaitingByNewRoute(db, user, { code: 'ANNA' })).toBe(1)
  const back = await mailOf(db, id)
  expect(back.mail.from?.value).toMatchObject([{ address: 'anna@acme.test', name: 'Anna Nowak' }])
  expect(back.mail.replyTo, 'the route before had written it').toBeUndefined()
  expect(back.mail.headers.get('x-erp')).toBe('17')
})
