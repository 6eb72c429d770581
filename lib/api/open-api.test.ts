import { expect, test } from 'vitest'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { parseRequest } from './api-error'
import { messageSchema } from './message-schema'
import { openApi } from './open-api'

const invoice = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura' }

type Schema = {
  properties: Record<string, Schema>
  items: Schema
  anyOf?: Schema[]
  type: string
  required: string[]
  pattern: string
  propertyNames: Schema
  patternProperties: Record<string, Schema>
}
type Operation = { requestBody: { content: Record<string, { schema: Schema }> }; parameters: { name: string; description: string; schema: Schema }[] }

const { paths } = openApi() as { paths: Record<string, Record<string, Operation>> }
const described = paths['/messages']?.post as Operation
const message = described.requestBody.content['application/json']?.schema as Schema
const body = message.properties

/** What a field is when it is given, and not null. */
const given = (field: Schema | undefined): Schema => field?.anyOf?.find(({ type }) => type !== 'null') ?? (field as Schema)

/** As a program reads a pattern: JSON Schema has no flags but that for Unicode. */
const matches = ({ pattern }: Pick<Schema, 'pattern'>, text: string) => new RegExp(pattern, 'u').test(text)

function isTaken(change: object): boolean {
  try {
    parseRequest(messageSchema, { ...invoice, ...change })
    return true
  } catch {
    return false
  }
}

test.each(['X-ERP', 'x-erp', 'in-reply-to', 'IN-REPLY-TO', 'References', 'rEFERENCES', 'auto-submitted', 'list-id', 'LIST-Unsubscribe'])(
  'the header %s is taken and described, however it is written',
  name => {
    expect(isTaken({ headers: { [name]: '<a@b.test>' } })).toBe(true)
    expect(matches(given(body.headers).propertyNames, name)).toBe(true)
  },
)

test.each(['Bcc', 'Subject', 'X', 'X_A', 'Xx-a', 'List', 'List-1', 'In-Reply-To-x'])('the header %s is neither taken nor described', name => {
  expect(isTaken({ headers: { [name]: '<a@b.test>' } })).toBe(false)
  expect(matches(given(body.headers).propertyNames, name)).toBe(false)
})

test.each(['In-Reply-To', 'references'])('a description knows that %s holds message ids', name => {
  const [pattern = '', ids] = Object.entries(given(body.headers).patternProperties)[0] ?? []
  expect(matches({ pattern }, name)).toBe(true)
  expect([matches(ids as Schema, '<a@b.test> <c@d.test>'), matches(ids as Schema, 'żółć')]).toEqual([true, false])
})

test.each(['List-Unsubscribe', 'list-id', 'AUTO-SUBMITTED'])('a description knows that %s is ASCII', name => {
  const found = Object.entries(given(body.headers).patternProperties).filter(([pattern]) => matches({ pattern }, name))
  expect(found.map(([, schema]) => [matches(schema, '<https://acme.test/off>'), matches(schema, '<https://acme.test/ż>')])).toEqual([[true, false]])
})

test.each([
  ['application/pdf', true],
  ['APPLICATION/PDF', true],
  ['Text/Calendar; Method=REQUEST; charset="UTF-8"', true],
  ['image/svg+xml;NAME=a.svg', true],
  ['Multipart/mixed', false],
  ['MESSAGE/RFC822', false],
  ['pdf', false],
  ['text/plain; boundary=x', false],
  ['text/plain\r\nX: y', false],
])('a content type is described as it is taken: %j', (content_type, taken) => {
  const attachment = given(body.attachments).items.properties
  expect(isTaken({ attachments: [{ filename: 'a', content: 'YQ==', content_type }] })).toBe(taken)
  expect(matches(given(attachment.content_type), content_type)).toBe(taken)
})

test.each([
  ['YWJj', true],
  ['YWJj\r\nYQ==', true],
  ['YWJ-', false],
  ['YWJj!', false],
])('the alphabet of a file is described as it is taken: %j', (content, taken) => {
  expect(isTaken({ attachments: [{ filename: 'a', content }] })).toBe(taken)
  expect(matches(given(body.attachments).items.properties.content as Schema, content)).toBe(taken)
})

test('what need not be given may be null, and what must be given may not', () => {
  const objects = [message, given(body.attachments).items, { ...given(body.document), required: [] }]
  for (const { properties, required } of objects)
    for (const [name, field] of Object.entries(properties))
      expect(field.anyOf?.some(({ type }) => type === 'null') ?? false, name).toBe(!required.includes(name))
})

test('what an Idempotency-Key may be is described as it is taken, and that it is of one endpoint and of the bytes of a body', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { description = '', schema } = described.parameters.find(({ name }) => name === 'Idempotency-Key') ?? {}
  expect(description).toMatch(/bytes.*each endpoint has its own/is)
  for (const key of ['a', '~!{"x"}', 'x'.repeat(200), 'x'.repeat(201), 'two words', 'õ']) {
    const { status } = await api.ask('/messages', { body: invoice, headers: { 'idempotency-key': key } })
    expect(matches(schema as Schema, key), key).toBe(status === 202)
  }
  const [compact, spaced] = [JSON.stringify(invoice), JSON.stringify(invoice, null, 1)]
  expect((await api.ask('/messages', { body: compact, headers: { 'idempotency-key': 'a' } })).status).toBe(202)
  expect((await api.ask('/messages', { body: spaced, headers: { 'idempotency-key': 'a' } })).status).toBe(409)
  expect((await api.ask('/messages/batch', { body: { messages: [invoice] }, headers: { 'idempotency-key': 'a' } })).status).toBe(202)
})
