import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { simpleParser } from 'mailparser'
import { expect, test } from 'vitest'
import { accounts, attachments, messages, recipients } from '@/db/schema'
import { loadRoute } from '@/lib/sender/resolve-route'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { acceptMessages } from './accept-messages'
import { bodyOf } from './body-of'
import { composeMessage } from './compose-message'
import { enqueueMessage } from './enqueue-message'
import { getMessage } from './message'
import { queueAt, writeMessage } from './prepare-message'

const invoice = { to: ['k@example.test'], subject: 'Faktura 1/11/2026 — zażółć', text: 'W załączeniu, pozdrawiamy.', kind: 'document' as const }
const pdf = { filename: 'faktura żółta.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF-1.4 …') }
const logo = { filename: 'logo.png', contentType: 'image/png', content: Buffer.from([0x89, 0x50, 0, 1]), cid: 'logo@acme' }

test('the same message gives the same bytes whenever it is composed', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const html = '<p>Zażółć <img src="cid:logo@acme"></p>'
  const { id } = await enqueueMessage(db, user, { ...invoice, html, bcc: ['b@example.test'], replyTo: 'biuro@acme.test', attachments: [pdf, logo] })
  const { message } = await getMessage(db, user, { id })
  const first = await bodyOf(db, message)
  expect((await bodyOf(db, message)).equals(first)).toBe(true)
  const mail = await simpleParser(first)
  expect(mail).toMatchObject({ subject: invoice.subject, text: expect.stringContaining(invoice.text), messageId: `<${message.rfcMessageId}>` })
  expect(mail.replyTo?.text).toBe('biuro@acme.test')
  expect(mail.attachments.map(({ filename, cid, content }) => [filename, cid, content.length])).toEqual(
    expect.arrayContaining([
      [pdf.filename, undefined, pdf.content.length],
      [logo.filename, 'logo@acme', 4],
    ]),
  )
  expect(first.toString(), 'a hidden copy stays hidden').not.toContain('b@example.test')
  expect(Math.abs(message.sizeBytes - first.length) / first.length, 'the size told at once is about right').toBeLessThan(0.5)
})

const letter = {
  from: { name: 'Anna Żółć', address: 'anna@acme.test' },
  replyTo: 'biuro@acme.test',
  to: ['k@example.test', 'długi.adres@example.test'],
  cc: ['c@example.test'],
  subject: invoice.subject.repeat(4),
  text: 'Zażółć gęślą jaźń.\n.\nFrom kropka\n'.repeat(9),
  html: '<p>Zażółć <img src="cid:logo@acme"></p>',
  attachments: [pdf, logo],
  rfcMessageId: '01k00000000000000000000000@acme.test',
  date: new Date('2026-11-24T20:00:00Z'),
  headers: [['X-ERP-Number', '17'] as [string, string], ['References', '<a@b.test>'] as [string, string]],
}

test.each([
  ['small', letter, 'MTYKz4qes70PPHcAsAOB2solSI6V538sunxMTiKMUPs'],
  ['large', { ...letter, attachments: [{ ...pdf, content: Buffer.alloc(1_200_000, 'posthorn') }] }, 'bTHECuvOjz65REifNCiM6TG9VVYqwMSsyMUk-HFY1Fw'],
])('a %s message that was queued before an update of what composes it still gives the same bytes', async (_size, written, hash) => {
  const bytes = await composeMessage(written)
  // another hash means that a message tried before an update and after it would arrive as two; change it only knowing that
  expect(createHash('sha256').update(bytes).digest('base64url')).toBe(hash)
})

test('an attachment is stored once for a company, however many messages carry it', async () => {
  await using db = await testDb()
  const [{ user }, other] = [await makeCompany(db), await makeCompany(db, 'beta')]
  for (const actor of [user, user, other.user]) await enqueueMessage(db, actor, { ...invoice, attachments: [pdf, pdf] })
  expect((await db.select().from(attachments)).map(({ tenantId }) => tenantId).sort()).toEqual([user.tenantId, other.tenantId].sort())
})

test('of what comes in together, one that cannot be stored takes nobody else with it, and leaves nothing', async () => {
  await using db = await testDb()
  const { user, tenantId } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { ...invoice, idempotencyKey: 'one' })
  const [account] = await db.select().from(accounts).where(eq(accounts.tenantId, tenantId))
  const route = await loadRoute(db, tenantId, user.cardId)
  const write = (idempotencyKey: string) => queueAt(writeMessage(route, { ...invoice, idempotencyKey }), account ?? { id: '', state: 'active' })
  const together = await Promise.allSettled([[write('two'), write('one')], [write('three')], [write('four')]].map(rows => acceptMessages(db, rows, 'app')))
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect((await db.select().from(messages)).map(message => message.idempotencyKey).sort()).toEqual(['four', 'one', 'three'])
  expect(await db.select().from(recipients)).toHaveLength(3)
  expect((await db.select().from(messages).where(eq(messages.idempotencyKey, 'one')))[0]?.id).toBe(id)
})
