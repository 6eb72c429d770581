import { connect } from 'node:net'
import { count } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { attachments, messageContents, messages, recipients } from '@/db/schema'
import { bodyOf } from '@/lib/message/body-of'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { readHostileInputs } from '@/lib/testing/hostile-inputs'
import { parseRequest } from './api-error'
import { batchSchema } from './message-schema'

const message = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura', text: 'W załączeniu.' }
const injections = [
  'a\r\nBcc: x@evil.test',
  'a\nX: y',
  'a\r\n\r\nbody',
  'a\0b',
  'a\u2028b',
  'a\u0085b',
  '\ud800',
  '=?utf-8?q?=0D=0ABcc:x?=',
  '\r\n.\r\nMAIL FROM:<x@evil.test>',
]
const smuggled = ['a\n.\nMAIL FROM:<x@evil.test>\r\n', 'a\r.\rMAIL FROM:<x@evil.test>', 'a\r\n.\r\nRCPT TO:<x@evil.test>', '.\r\n..\r\n.', 'x'.repeat(5000)]

/** How many rows there are: a message is whole, with text and recipients, or not there. */
async function rows(db: Db) {
  const of = async (table: typeof messages | typeof messageContents | typeof recipients | typeof attachments) =>
    Number((await db.select({ count: count() }).from(table))[0]?.count)
  return { messages: await of(messages), contents: await of(messageContents), recipients: await of(recipients), attachments: await of(attachments) }
}

async function withApi(run: (api: Awaited<ReturnType<typeof startApi>>, db: Db) => Promise<void>) {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  await run(api, db)
}

test('what injects into a header is refused in every field, and stores nothing', () =>
  withApi(async (api, db) => {
    const places = (text: string): object[] => [
      { from_user: text },
      { to: [text] },
      { to: [`${text}@example.test`] },
      { cc: [text] },
      { bcc: [text] },
      { reply_to: text },
      { headers: { [text]: 'x' } },
      { headers: { 'In-Reply-To': text, [`X-${text}`]: text } },
      {
        attachments: [
          { filename: text, content: 'YQ==' },
          { filename: 'a', content: text },
        ],
      },
      { attachments: [{ filename: 'a', content: 'YQ==', content_type: text }] },
      { attachments: [{ filename: 'a', content: 'YQ==', content_id: text }] },
      { kind: text },
      { document: { type: text, number: text, other: text } },
      { send_at: text },
      { expires_at: text },
      { [text]: text },
    ]
    for (const text of injections) {
      for (const place of [...places(text), ...(text.startsWith('=?') ? [] : [{ subject: text }])]) {
        const { status } = await api.ask('/messages', { body: { ...message, ...place } })
        expect([400, 403, 422], JSON.stringify(place)).toContain(status)
      }
      for (const name of ['idempotency-key', 'authorization', 'content-type']) {
        const headers = { [name]: Buffer.from(text).toString('base64').repeat(20) }
        expect((await api.ask('/messages', { body: message, headers })).status, name).toBeLessThan(500)
      }
    }
    const { messages: stored, contents, recipients: addressed } = await rows(db)
    expect([contents, addressed], 'each that was let in is whole').toEqual([stored, stored])
  }))

test('texts that would end the data or smuggle a second message are carried as texts', () =>
  withApi(async (api, db) => {
    for (const text of smuggled) expect((await api.ask('/messages', { body: { ...message, text, html: text } })).status).toBe(202)
    for (const stored of await db.select().from(messages)) {
      const bytes = (await bodyOf(db, stored)).toString('latin1')
      expect(bytes.match(/(?<!\r)\n|\r(?!\n)/), 'no lone CR or LF').toBeNull()
      expect(Math.max(...bytes.split('\r\n').map(line => line.length)), 'no line over 998').toBeLessThanOrEqual(998)
    }
  }))

const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

test('bodies that are no message are refused as what they are, and store nothing', () =>
  withApi(async (api, db) => {
    const wrong: [unknown, number[], string][] = [
      ['', [400], 'nothing'],
      ['{', [400], 'half'],
      ['{"to":', [400], 'half'],
      ['null', [422], 'null'],
      ['[]', [422], 'a list'],
      ['"text"', [422], 'a text'],
      ['1e999', [422], 'a number'],
      ['{"__proto__":{"admin":true}}', [422], 'a prototype'],
      [`{"to":["a@b.test"],"to":["c@d.test"]}`, [422], 'a field twice'],
      [deep(100_000), [400, 422], 'deep'],
      [`{"headers":${deep(50_000)}}`, [400, 422], 'deep inside'],
      [new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), [400], 'no UTF-8'],
      [new Uint8Array([0xc0, 0x80]), [400], 'an overlong NUL'],
      [{ ...message, to: Array(10_000).fill('k@example.test') }, [422], '10 000 recipients'],
      [
        {
          ...message,
          to: Array(501)
            .fill(0)
            .map((_, i) => `k${i}@example.test`),
        },
        [422],
        '501 recipients',
      ],
      [{ ...message, subject: 'x'.repeat(1_000_000) }, [422], 'a long subject'],
      [
        {
          ...message,
          headers: Object.fromEntries(
            Array(5000)
              .fill(0)
              .map((_, i) => [`X-${i}`, 'x']),
          ),
        },
        [422],
        'headers',
      ],
      [{ ...message, attachments: Array(5000).fill({ filename: 'a', content: '' }) }, [422], 'attachments'],
    ]
    for (const value of [0, -1, true, null, {}, [], [[]], 'x', 1e308]) {
      for (const field of [...Object.keys(message), 'cc', 'bcc', 'reply_to', 'html', 'headers', 'attachments', 'kind', 'document', 'send_at', 'expires_at'])
        wrong.push([{ ...message, [field]: value }, [202, 422], `${field}: ${JSON.stringify(value)}`])
    }
    for (const [body, statuses, name] of wrong) expect(statuses, name).toContain((await api.ask('/messages', { body })).status)
    const { messages: stored, contents } = await rows(db)
    expect(contents).toBe(stored)
  }))

test('headers are counted before they are read', () =>
  withApi(async api => {
    const headers = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`Bcc${i}`, 'x']))
    expect(await api.ask('/messages', { body: { ...message, headers } })).toMatchObject({
      status: 422,
      body: { error: { code: 'tooManyHeaders', field: 'headers' } },
    })
  }))

test.each<[{ filename?: unknown; content?: string; content_type?: string; content_id?: string }, string]>([
  [{ filename: '' }, 'filenameInvalid'],
  [{ filename: 'a'.repeat(300) }, 'tooLong'],
  [{ filename: 'a\n' }, 'lineUnsafe'],
  [{ filename: 5 }, 'typeWrong'],
  [{ content: 'no base64!' }, 'base64Invalid'],
  [{ content_type: 'pdf' }, 'contentTypeInvalid'],
  [{ content_id: '<a>' }, 'contentIdInvalid'],
])('of a batch full of what is wrong no more is read than the first: %j', ({ content = '', ...wrong }, code) => {
  let read = 0
  const attachment = {
    filename: 'a',
    ...wrong,
    get content() {
      read++
      return content
    },
  }
  const messages = Array(500).fill({ ...message, attachments: Array(100).fill(attachment) })
  expect(() => parseRequest(batchSchema, { messages })).toThrow(expect.objectContaining({ code }))
  expect(read).toBeLessThan(10)
})

test('ids, codes and cursors of any shape find nothing and break nothing', () =>
  withApi(async api => {
    const odd = ['%00', '%ff', '..%2f..', "'%20or%201=1--", '%', 'x'.repeat(5000), '%F0%9F%98%80', '%ED%A0%80', '0'.repeat(26)]
    for (const text of odd) {
      for (const where of [
        `/messages/${text}`,
        `/users/${text}/route`,
        `/messages?before=${text}`,
        `/messages?search=${text}`,
        `/messages?since=${text}`,
        `/messages?${text}=${text}`,
      ])
        expect((await api.ask(where)).status, where).toBeLessThan(500)
      for (const verb of ['cancel', 'retry']) expect((await api.ask(`/messages/${text}/${verb}`, { method: 'POST' })).status).toBeLessThan(500)
    }
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) expect((await api.ask('/messages', { method })).status).toBe(405)
  }))

test('a body that is too large is turned away before it is read', () =>
  withApi(async (api, db) => {
    const socket = connect(api.port, '127.0.0.1')
    socket.write(
      `POST /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.key}\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{`,
    )
    let said = ''
    for await (const chunk of socket) {
      said += chunk
      if (said.includes('bodyTooLarge')) break
    }
    socket.destroy()
    expect(said).toContain(' 413 ')
    expect((await rows(db)).messages).toBe(0)
  }))

test('wrong keys are slowed down, and a right one from the same address is not', () =>
  withApi(async api => {
    const tried = await Promise.all(Array.from({ length: 40 }, (_, i) => api.ask('/messages', { key: `ph_wrong${i}` })))
    expect(tried.filter(({ status }) => status === 401).length).toBe(30)
    const slowed = tried.find(({ status }) => status === 429)
    expect(Number(slowed?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await api.ask('/messages')).status).toBe(200)
  }))

const inputs = readHostileInputs()

test.skipIf(inputs === null)(
  `the inputs of CORPORA_DIR/hostile (${inputs === null ? 'absent: skipped' : 'read'}) give no failure and no half message`,
  () =>
    withApi(async (api, db) => {
      expect(inputs?.length).toBeGreaterThan(100)
      for (const { id, payload, payload_hex = '' } of inputs ?? []) {
        const bytes = Buffer.from(payload_hex, 'hex')
        const text = payload ?? bytes.toString()
        const places = [
          { to: [text] },
          { subject: text, text },
          { headers: { 'X-Test': text }, html: text },
          { attachments: [{ filename: text, content: bytes.toString('base64') }] },
          { reply_to: text, headers: { [text]: text } },
        ]
        const bodies = [...places.map(place => ({ ...message, ...place })), new Uint8Array(bytes)]
        const answers = await Promise.all(bodies.map(body => api.ask('/messages', { body })))
        expect(Math.max(...answers.map(({ status }) => status)), id).toBeLessThan(500)
      }
      const { messages: stored, contents } = await rows(db)
      expect(contents).toBe(stored)
      for (const one of await db.select().from(messages)) {
        const head = (await bodyOf(db, one)).toString('latin1').split('\r\n\r\n')[0] ?? ''
        expect(head.match(/^(bcc|sender):/im), `${one.subject}: nothing crept into the header`).toBeNull()
      }
    }),
  60_000,
)
