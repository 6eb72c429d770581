import { eq } from 'drizzle-orm'
import { simpleParser } from 'mailparser'
import { expect, test } from 'vitest'
import { cards, messageContents, messages, senders } from '@/db/schema'
import { hours, now } from '@/lib/clock'
import { bodyOf } from '@/lib/message/body-of'
import { getMessage } from '@/lib/message/message'
import { messagesQueued } from '@/lib/metrics'
import { holdMail } from '@/lib/tenant/mail-switch'
import { makeKey, startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sealCaller } from './caller'
import { openApi } from './open-api'

const invoice = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura 1/11/2026', text: 'W załączeniu.' }

test('a message is queued as its user, with all that was given, and read back with its attempts', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const sendAt = new Date(now().getTime() + hours(2))
  const queued = await api.ask('/messages', {
    body: {
      ...invoice,
      from_user: 'anna',
      cc: ['c@example.test'],
      bcc: ['b@example.test'],
      reply_to: 'biuro@acme.test',
      html: '<p>Zażółć <img src="cid:logo"></p>',
      headers: { 'X-ERP-Number': '17', References: '<a@b.test>' },
      attachments: [
        { filename: 'faktura.pdf', content: Buffer.from('%PDF').toString('base64'), content_type: 'application/pdf' },
        { filename: 'logo.png', content: 'iVBORw==', content_type: 'image/png', content_id: 'logo' },
      ],
      document: { type: 'invoice', number: '1/11/2026' },
      send_at: sendAt.toISOString(),
    },
  })
  expect(queued).toMatchObject({ status: 202, body: { id: expect.stringMatching(/^[0-9a-z]{26}$/), status: 'queued' } })
  const { id } = queued.body as { id: string }
  expect(queued.headers.get('x-request-id')).toMatch(/^[0-9a-z]{26}$/)
  expect((await api.ask(`/messages/${id}`)).body).toMatchObject({
    id,
    status: 'queued',
    kind: 'document',
    from_user: 'ANNA',
    from: { name: 'Anna Nowak', address: 'anna@acme.test' },
    reply_to: 'biuro@acme.test',
    document: { type: 'invoice', number: '1/11/2026' },
    next_attempt_at: sendAt.toISOString(),
    recipients: [
      { field: 'to', address: 'k@example.test' },
      { field: 'cc', address: 'c@example.test' },
      { field: 'bcc', address: 'b@example.test' },
    ],
    attempts: [],
  })
  const mail = await simpleParser(await bodyOf(db, (await getMessage(db, user, { id })).message))
  expect(mail).toMatchObject({ subject: invoice.subject, references: '<a@b.test>' })
  expect(mail.headers.get('x-erp-number')).toBe('17')
  expect(mail.attachments.map(({ filename }) => filename).sort()).toEqual(['faktura.pdf', 'logo.png'])
})

test('in Reply-to mode From is the event address, and answers go to the card, whatever the program asks', async () => {
  await using db = await testDb()
  const { admin, user, tenantId } = await makeCompany(db)
  await using api = await startApi(db, admin)
  await api.ask('/messages', { body: invoice })
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'replyTo', updatedAt: now() })
  const { body } = await api.ask('/messages', { body: { ...invoice, reply_to: 'biuro@acme.test' } })
  const read = await api.ask(`/messages/${(body as { id: string }).id}`)
  expect(read.body, 'a setting holds for the next message').toMatchObject({ from: { address: 'acme@event.data.directo.ee' }, reply_to: 'anna@acme.test' })
})

test('a program sees that all mail is held, of each message and in the list; another company’s is not', async () => {
  await using db = await testDb()
  const [{ admin }, beta] = [await makeCompany(db), await makeCompany(db, 'beta')]
  await using api = await startApi(db, admin)
  const { key } = await makeKey(db, beta.admin)
  const { body } = await api.ask('/messages', { body: invoice })
  await api.ask('/messages', { key, body: invoice })
  const one = `/messages/${(body as { id: string }).id}`
  expect((await api.ask(one)).body).toMatchObject({ held: false })
  await holdMail(db, admin)
  expect((await api.ask(one)).body).toMatchObject({ status: 'queued', held: true })
  expect((await api.ask('/messages')).body).toMatchObject({ messages: [{ held: true }] })
  expect((await api.ask('/messages', { key })).body).toMatchObject({ messages: [{ held: false }] })
  await api.ask(`${one}/cancel`, { method: 'POST' })
  expect((await api.ask(one)).body, 'what has ended is held by nothing').toMatchObject({ status: 'cancelled', held: false })
})

test('a batch is queued whole or not at all, and says which message is wrong', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const wrong = (change: object) => api.ask('/messages/batch', { body: { messages: [invoice, invoice, { ...invoice, ...change }] } })
  expect(await wrong({ to: ['nobody'] })).toMatchObject({ status: 422, body: { error: { code: 'addressInvalid', field: 'messages[2].to[0]' } } })
  expect(await wrong({ from_user: 'NOBODY' })).toMatchObject({ status: 422, body: { error: { code: 'cardNotFound', field: 'messages[2].from_user' } } })
  expect((await api.ask('/messages/batch', { body: { messages: [] } })).body).toMatchObject({ error: { code: 'messagesNeeded' } })
  expect((await api.ask('/messages/batch', { body: { messages: Array(501).fill(invoice) } })).body).toMatchObject({ error: { code: 'batchTooLarge' } })
  expect(await db.select().from(messages)).toHaveLength(0)
  const { body } = await api.ask('/messages/batch', { body: { messages: Array(100).fill(invoice) } })
  expect((body as { messages: unknown[] }).messages).toHaveLength(100)
  expect(await db.select().from(messages)).toHaveLength(100)
})

test.each([
  [{ from: 'x@y.test' }, 'fieldUnknown', 'from'],
  [{ to: [] }, 'recipientNeeded', 'to'],
  [{ to: 'k@example.test' }, 'typeWrong', 'to'],
  [{ subject: undefined }, 'required', 'subject'],
  [{ subject: 'a\r\nBcc: x@y.test' }, 'lineUnsafe', 'subject'],
  [{ text: 'a\0b' }, 'textUnsafe', 'text'],
  [{ html: '\ud800' }, 'textUnsafe', 'html'],
  [{ headers: { Bcc: 'x@y.test' } }, 'headerNotAllowed', 'headers.Bcc'],
  [{ headers: { 'X-A\r\nBcc': 'x' } }, 'headerNotAllowed', 'headers.X-A??Bcc'],
  [{ headers: { 'X-A': 'a\r\nBcc: x@y.test' } }, 'lineUnsafe', 'headers.X-A'],
  [{ headers: { References: 'żółć' } }, 'messageIdsInvalid', 'headers.References'],
  [{ headers: { 'X-A': '1', 'x-a': '2' } }, 'headerTwice', 'headers'],
  [{ attachments: [{ filename: 'a.txt', path: '/etc/passwd' }] }, 'required', 'attachments[0].content'],
  [{ attachments: [{ filename: 'a.txt', content: 'YQ==', path: '/etc/passwd' }] }, 'fieldUnknown', 'attachments[0].path'],
  [{ attachments: [{ filename: 'a.txt', content: 'no base64!' }] }, 'base64Invalid', 'attachments[0].content'],
  [{ attachments: [{ filename: 'a.txt', content: 'YQ==', content_type: 'message/rfc822' }] }, 'contentTypeInvalid', 'attachments[0].content_type'],
  [{ attachments: [{ filename: '../a.txt', content: 'YQ==' }] }, 'filenameInvalid', 'attachments[0].filename'],
  [{ kind: 'test' }, 'choiceUnknown', 'kind'],
  [{ send_at: '2026-11-24' }, 'instantInvalid', 'send_at'],
  [{ expires_at: '2020-01-01T00:00:00Z' }, 'expiresTooSoon', 'expires_at'],
  [{ from_user: 'NOBODY' }, 'cardNotFound', 'from_user'],
  [{ dkim: {} }, 'fieldUnknown', 'dkim'],
])('what cannot be sent is refused at its field: %j', async (change, code, field) => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { status, body, headers } = await api.ask('/messages', { body: { ...invoice, ...change } })
  expect({ status, ...body }).toMatchObject({ status: 422, error: { code, field, message: `en: ${code}`, request_id: headers.get('x-request-id') } })
  expect(await db.select().from(messages)).toHaveLength(0)
})

test('a key opens what it names and nothing else', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const [reading, annas, elsewhere] = [
    await makeKey(db, admin, { scope: 'read' }),
    await makeKey(db, admin, { cards: 'named', codes: ['ANNA'] }),
    await makeKey(db, admin, { addresses: '203.0.113.7' }),
  ]
  const codeOf = async (request: Promise<{ status: number; body: object }>) => {
    const { status, body } = await request
    return [status, (body as { error?: { code: string } }).error?.code]
  }
  expect(await codeOf(api.ask('/messages', { key: null }))).toEqual([401, 'keyMissing'])
  expect(await codeOf(api.ask('/messages', { key: 'ph_wrong' }))).toEqual([401, 'keyInvalid'])
  expect(await codeOf(api.ask('/messages', { key: reading.key, body: invoice }))).toEqual([403, 'keyReadOnly'])
  expect(await codeOf(api.ask('/messages', { key: annas.key, body: { ...invoice, from_user: 'JAN' } }))).toEqual([403, 'keyNotForCard'])
  expect(await codeOf(api.ask('/messages', { key: elsewhere.key }))).toEqual([403, 'keyAddressNotAllowed'])
  const [forwarded, forged] = [{ 'x-forwarded-for': '203.0.113.7' }, { 'x-posthorn-caller': '203.0.113.7 AAAA' }]
  expect(await codeOf(api.ask('/messages', { key: elsewhere.key, headers: forwarded })), 'a client cannot say where it is').toEqual([
    403,
    'keyAddressNotAllowed',
  ])
  expect(await codeOf(api.ask('/messages', { key: elsewhere.key, headers: forged }))).toEqual([503, 'unavailable'])
  expect(await codeOf(api.ask('/messages', { key: elsewhere.key, headers: { 'x-posthorn-caller': sealCaller('203.0.113.7') } })), 'web can').toEqual([
    200,
    undefined,
  ])
  const { body } = await api.ask('/messages', { body: { ...invoice, from_user: 'JAN' } })
  const { id } = body as { id: string }
  expect(await codeOf(api.ask(`/messages/${id}`, { key: annas.key })), 'another card’s message').toEqual([404, 'messageNotFound'])
  expect((await api.ask('/messages', { key: annas.key })).body).toMatchObject({ messages: [] })
  expect(await codeOf(api.ask('/users/JAN/route', { key: annas.key }))).toEqual([403, 'keyNotForCard'])
  await db.update(cards).set({ isActive: false }).where(eq(cards.id, user.cardId))
  expect(await codeOf(api.ask('/messages', { key: annas.key, body: invoice }))).toEqual([422, 'cardInactive'])
})

test('another company’s messages and users do not exist', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  await using api = await startApi(db, admin)
  const { id } = (await api.ask('/messages', { body: invoice })).body as { id: string }
  const { key } = await makeKey(db, other.admin)
  for (const [path, method] of [
    [`/messages/${id}`, 'GET'],
    [`/messages/${id}/cancel`, 'POST'],
    [`/messages/${id}/retry`, 'POST'],
  ] as const)
    expect((await api.ask(path, { key, method })).status, path).toBe(404)
  expect((await api.ask('/messages', { key })).body).toMatchObject({ messages: [], next: null })
  expect((await api.ask(`/messages/${id}`)).body).toMatchObject({ status: 'queued' })
})

test('a message is cancelled once, and tried again when its end allows it', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { id } = (await api.ask('/messages', { body: invoice })).body as { id: string }
  expect(await api.ask(`/messages/${id}/cancel`, { method: 'POST' })).toMatchObject({ status: 200, body: { status: 'cancelled' } })
  expect(await api.ask(`/messages/${id}/cancel`, { method: 'POST' })).toMatchObject({ status: 409, body: { error: { code: 'alreadyCancelled' } } })
  expect(await api.ask(`/messages/${id}/retry`, { method: 'POST' })).toMatchObject({ status: 200, body: { status: 'queued' } })
  await db.update(messages).set({ state: 'accepted' }).where(eq(messages.id, id))
  expect(await api.ask(`/messages/${id}/cancel`, { method: 'POST' })).toMatchObject({ status: 409, body: { error: { code: 'cannotCancel' } } })
  expect(await api.ask(`/messages/${id}/retry`, { method: 'POST' })).toMatchObject({ status: 409, body: { error: { code: 'cannotRetry' } } })
  await db.update(messages).set({ state: 'refused', endedAt: now() }).where(eq(messages.id, id))
  await db.delete(messageContents).where(eq(messageContents.messageId, id)) // kept no longer
  expect(await api.ask(`/messages/${id}/retry`, { method: 'POST' })).toMatchObject({ status: 409, body: { error: { code: 'textRemoved' } } })
})

test('a message that is to leave later is not tried again, and its program is told that it waits for its time', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { id } = (await api.ask('/messages', { body: { ...invoice, send_at: new Date(now().getTime() + hours(2)).toISOString() } })).body as { id: string }
  expect(await api.ask(`/messages/${id}/retry`, { method: 'POST' })).toMatchObject({ status: 409, body: { error: { code: 'waitsForSendAt' } } })
})

test('messages are listed newest first, filtered, page by page', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const numbers = ['1', '2', '3', '4', '5']
  for (const number of numbers) await api.ask('/messages', { body: { ...invoice, subject: `Faktura ${number}`, document: { number } } })
  const seen: string[] = []
  for (let next: string | null = ''; next !== null; ) {
    const { body } = await api.ask(`/messages?limit=2${next && `&before=${next}`}`)
    const page = body as { messages: { document: { number: string } }[]; next: string | null }
    seen.push(...page.messages.map(({ document }) => document.number))
    next = page.next
  }
  expect(seen).toEqual(numbers.toReversed())
  const count = async (query: string) => ((await api.ask(`/messages?${query}`)).body as { messages: unknown[] }).messages.length
  expect(await count('document_number=3')).toBe(1)
  expect(await count('from_user=jan')).toBe(0)
  expect(await count('status=queued&kind=document&search=faktura%203')).toBe(1)
  expect(await count('until=2020-01-01T00:00:00Z')).toBe(0)
  expect(await api.ask('/messages?before=nonsense')).toMatchObject({ status: 422, body: { error: { code: 'cursorInvalid', field: 'before' } } })
  expect(await api.ask('/messages?stat=queued')).toMatchObject({ status: 422, body: { error: { code: 'fieldUnknown', field: 'stat' } } })
})

test('a route is told value by value, and holds no secret', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { status, body } = await api.ask('/users/anna/route')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    user: 'ANNA',
    sender: { value: 'platform', origin: { source: 'card', code: 'ANNA' } },
    from: { value: { address: 'anna@acme.test' } },
  })
  expect((await api.ask('/users/NOBODY/route')).status).toBe(404)
})

test('what an endpoint answers stands in its description', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { id } = (await api.ask('/messages', { body: invoice })).body as { id: string }
  await db.update(messages).set({ state: 'refused' })
  await db.delete(messageContents) // no longer kept
  await db.update(cards).set({ isActive: false }).where(eq(cards.code, 'ANNA'))
  const { paths } = openApi() as { paths: Record<string, Record<string, { responses: object }>> }
  const answers = async (path: string, request: Parameters<typeof api.ask>[1], status: number) => {
    expect((await api.ask(path, request)).status).toBe(status)
    const { responses } = paths[path.replace(id, '{id}').replace('ANNA', '{code}')]?.[request?.method === 'POST' ? 'post' : 'get'] ?? {}
    expect(Object.keys(responses ?? {}), path).toContain(`${status}`)
  }
  await answers('/users/ANNA/route', {}, 422)
  await answers(`/messages/${id}/retry`, { method: 'POST' }, 409)
  for (const verb of ['cancel', 'retry']) {
    await answers(`/messages/${id}/${verb}`, { method: 'POST', body: '{' }, 400)
    await answers(`/messages/${id}/${verb}`, { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }, 415)
  }
})

test('what is taken in is counted once it is stored, and what is refused is not', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const counted = async () => (await messagesQueued.get()).values.find(({ labels }) => labels.way === 'http')?.value ?? 0
  const before = await counted()
  await Promise.all([api.ask('/messages', { body: invoice }), api.ask('/messages/batch', { body: { messages: [invoice, invoice] } })])
  await api.ask('/messages', { body: { ...invoice, to: [] } })
  expect((await counted()) - before).toBe(3)
})
