import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { messages } from '@/db/schema'
import { bodyOf } from '@/lib/message/body-of'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { parseRequest } from './api-error'
import { messageSchema } from './message-schema'

const invoice = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura 1/11/2026', text: 'W załączeniu.' }
const parse = (headers: unknown) => parseRequest(messageSchema, { ...invoice, headers }).headers

test.each([
  '<1.2026@acme.test>',
  '<a@b.test> <c@[127.0.0.1]>',
  '<a@b.test><c@d.test>',
  '<a@b.test>   <c@d.test>',
  '<no-at-sign>',
  '1.2026@acme.test',
  '<$id=/+{x}@b>',
  `<${'a'.repeat(880)}@b.test>`,
])('an answer names the messages before it as mail does: %j', ids => {
  expect(parse({ 'In-Reply-To': ids, references: ids })).toEqual({ 'In-Reply-To': ids, references: ids })
})

test.each(['żółć', '<żółć@acme.test>', '<a@b.test> żółć', 'no-at-sign', '<a@b.test>, <c@d.test>', '<a b@c.test>', '<a@b.test', '<a@b.test>>', '<>', '', ' '])(
  'what is no message id is refused, since nothing could encode it: %j',
  text => {
    for (const name of ['In-Reply-To', 'References', 'REFERENCES'])
      expect(() => parse({ [name]: text })).toThrow(expect.objectContaining({ code: 'messageIdsInvalid', field: `headers.${name}` }))
  },
)

test('a header whose name would change what an object is, is refused and not lost', () => {
  const headers = JSON.parse('{ "X-A": "1", "__proto__": "x" }')
  expect(() => parse(headers)).toThrow(expect.objectContaining({ code: 'headerNotAllowed', field: 'headers.__proto__' }))
})

test.each([[[]], [''], [7]])('headers that are %j are told to be an object', headers => {
  expect(() => parse(headers)).toThrow(expect.objectContaining({ code: 'typeWrong', field: 'headers', values: { type: 'object' } }))
})

test('one id without brackets gets them when the message is composed', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { body } = await api.ask('/messages', { body: { ...invoice, headers: { 'In-Reply-To': '1.2026@acme.test', References: '1.2026@acme.test' } } })
  const [message] = await db
    .select()
    .from(messages)
    .where(eq(messages.id, (body as { id: string }).id))
  const head = (await bodyOf(db, message as NonNullable<typeof message>)).toString('latin1')
  for (const name of ['In-Reply-To', 'References']) expect(head).toMatch(new RegExp(`^${name}: <1\\.2026@acme\\.test>\r$`, 'm'))
})

test('the own headers of a program leave encoded where they are not ASCII', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const text = 'Zażółć gęślą jaźń, tõsi, 発注 '.repeat(10)
  const names = ['X-ERP-Note', 'x-erp-other']
  const { body } = await api.ask('/messages', { body: { ...invoice, headers: Object.fromEntries(names.map(name => [name, text])) } })
  const [message] = await db
    .select()
    .from(messages)
    .where(eq(messages.id, (body as { id: string }).id))
  const [head = ''] = (await bodyOf(db, message as NonNullable<typeof message>)).toString('latin1').split('\r\n\r\n')
  for (const name of names) expect(head).toMatch(new RegExp(`^${name}:\\s=\\?UTF-8\\?`, 'im'))
  expect([...head].filter(character => character > '\x7f')).toEqual([])
})

test.each([
  ['List-Unsubscribe', '<https://acme.test/wypisz?imię=Żaneta>'],
  ['list-help', '<https://jõgi.test/abi>'],
  ['List-Id', 'Faktury – żółć <faktury.acme.test>'],
  ['Auto-Submitted', 'tak, żółć'],
])('%s: %s would leave as what no mail program finds, and is refused', (name, text) => {
  expect(() => parse({ [name]: text })).toThrow(expect.objectContaining({ code: 'headerNeedsAscii', field: `headers.${name}` }))
})

test.each([
  ['List-Unsubscribe', '<https://acme.test/wypisz?imi%C4%99=%C5%BBaneta>, <mailto:off@acme.test>'],
  ['List-Id', '=?UTF-8?Q?Faktury_=E2=80=93_=C5=BC?= <faktury.acme.test>'],
  ['Auto-Submitted', 'auto-generated'],
])('%s: %s is taken', (name, text) => {
  expect(parse({ [name]: text })).toEqual({ [name]: text })
})
