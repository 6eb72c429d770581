import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { listQuery } from './answer-schema'
import { parseRequest } from './api-error'
import { openApi } from './open-api'

const invoice = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura 1/11/2026', text: 'W załączeniu.' }
const parse = (query: object) => parseRequest(listQuery, query)

test('a program that was never here before asks for all messages since the first moment of computers', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  await api.ask('/messages', { body: invoice })
  const { status, body } = await api.ask('/messages?since=1970-01-01T00:00:00Z')
  expect({ status, found: (body as { messages?: unknown[] }).messages?.length }).toEqual({ status: 200, found: 1 })
  expect((await api.ask('/messages?since=0000-01-01T00:00:00Z')).body).toMatchObject({ error: { code: 'instantInvalid', field: 'since' } })
})

test('the messages of a user are found by the code, whoever has the same code in another company', async () => {
  await using db = await testDb()
  const companies = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  for (const { admin } of companies) {
    await using api = await startApi(db, admin)
    await api.ask('/messages', { body: invoice })
    await api.ask('/messages', { body: { ...invoice, from_user: 'JAN' } })
    expect((await api.ask('/messages?from_user=ANNA')).body).toMatchObject({ messages: [{ from_user: 'ANNA' }] })
  }
})

test.each(['pl', 'en', 'et'])('the moment that a sentence in %s gives as an example can be copied into an address', language => {
  const { instantInvalid } = JSON.parse(readFileSync(`app/_i18n/messages/${language}/refusal.json`, 'utf8')) as { instantInvalid: string }
  const [example = ''] = instantInvalid.match(/\d{4}-\S+[^\s.]/) ?? []
  expect(parse(Object.fromEntries(new URLSearchParams(`since=${example}`)))).toMatchObject({ since: example })
})

test('a search is as long as on the page of the outbox; a longer one is refused, and finds nothing by chance', () => {
  const search = 'faktura '.repeat(25)
  expect(parse({ search })).toMatchObject({ search })
  expect(() => parse({ search: `${search}1` })).toThrow(expect.objectContaining({ code: 'tooLong', field: 'search', values: { max: 200, most: 200 } }))
})

test.each([
  [{ status: 'Queued' }, 'choiceUnknown', 'status', 'queued, sending, accepted, waiting, refused, unknown, cancelled, expired, bounced'],
  [{ kind: 'invoice' }, 'choiceUnknown', 'kind', 'test, notice, document, letter'],
])('a filter that nothing can meet is told what there is: %j', (query, code, field, choices) => {
  expect(() => parse(query)).toThrow(expect.objectContaining({ code, field, values: { choices } }))
})

test.each(['0', '-1', '201', '1.5', 'all', '', '0x10', '1e2', ' 5', '5 ', '+5', '5.0', '٥', 'NaN', 'true', ['1', '2'], '9'.repeat(400)])(
  'a page of %j messages is told how long it may be',
  limit => {
    expect(() => parse({ limit })).toThrow(expect.objectContaining({ code: 'limitInvalid', field: 'limit' }))
  },
)

test('a description knows that the length of a page is a number', () => {
  const { paths } = openApi() as { paths: Record<string, { get: { parameters: { name: string; schema: object }[] } }> }
  const { schema } = paths['/messages']?.get.parameters.find(({ name }) => name === 'limit') ?? {}
  expect(schema).toEqual({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  expect([parse({}), parse({ limit: '200' })]).toMatchObject([{ limit: 50 }, { limit: 200 }])
})

test('a filter given twice, or by an odd moment, breaks nothing', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  await api.ask('/messages', { body: invoice })
  for (const name of ['status', 'from_user', 'kind', 'document_type', 'document_number', 'search', 'since', 'until', 'limit', 'before'])
    expect(await api.ask(`/messages?${name}=1&${name}=2`), name).toMatchObject({ status: 422, body: { error: { field: name } } })
  for (const moment of ['9999-12-31T23:59:59+23:59', '9999-12-31T23:59:59.999999999Z', '1970-01-01T00:00:00.0001Z'])
    for (const name of ['since', 'until']) expect((await api.ask(`/messages?${name}=${encodeURIComponent(moment)}`)).status, moment).toBe(200)
  for (const moment of [
    '2023-02-29T00:00:00Z',
    '9999-12-31T23:59:59-23:59',
    '2016-12-31T23:59:60Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01',
    '+010000-01-01T00:00:00Z',
    '1767225600',
  ])
    for (const name of ['since', 'until']) {
      const refused = await api.ask(`/messages?${name}=${encodeURIComponent(moment)}`)
      expect(refused, moment).toMatchObject({ status: 422, body: { error: { code: 'instantInvalid', field: name } } })
    }
})

test('a company that searches without end is asked to wait, and another is not', async () => {
  await using db = await testDb()
  const [acme, beta] = [await makeCompany(db, 'acme'), await makeCompany(db, 'beta')]
  await using api = await startApi(db, acme.admin)
  await using other = await startApi(db, beta.admin)
  const found = await Promise.all(Array.from({ length: 121 }, () => api.ask('/messages?search=faktura')))
  expect(found.filter(({ status }) => status === 200)).toHaveLength(120)
  expect(found.find(({ status }) => status === 429)?.headers.get('retry-after')).toMatch(/^\d+$/)
  expect((await api.ask('/messages')).status, 'reading without a search goes on').toBe(200)
  expect((await other.ask('/messages?search=faktura')).status).toBe(200)
})
