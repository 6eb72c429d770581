import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { messages } from '@/db/schema'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'

const invoice = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura 1/11/2026', text: 'W załączeniu.' }

test('what can be the name of no message is not found, however long it is', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  for (const path of [`/messages/${'x'.repeat(5000)}`, '/messages/%ff', '/nothing'])
    expect(await api.ask(path), path.slice(0, 20)).toMatchObject({ status: 404, body: { error: { code: 'notFound' } } })
  expect(await api.ask('/nothing', { body: 'x'.repeat(100_000) }), 'and no body is read for it').toMatchObject({ status: 404 })
})

test.each([
  ['et-EE,et;q=0.9,en;q=0.5', 'et'],
  ['en;q=0.1, pl', 'pl'],
])('a program that asks for %s is refused in its own language: %s', async (accepted, language) => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { body } = await api.ask('/messages', { body: {}, headers: { 'accept-language': accepted } })
  expect(body).toMatchObject({ error: { code: 'required', message: `${language}: required` } })
})

test.each([
  ['PUT', '/messages', 'POST, GET, HEAD'],
  ['GET', '/messages/batch', 'POST'],
  ['DELETE', '/messages/0123456789abcdefghijklmnop', 'GET, HEAD'],
  ['GET', '/messages/0123456789abcdefghijklmnop/cancel', 'POST'],
  ['POST', '/users/ANNA/route', 'GET, HEAD'],
  ['POST', '/openapi.json', 'GET, HEAD'],
])('%s %s is a request of the wrong kind, and the answer names the right ones', async (method, path, allow) => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { status, body, headers } = await api.ask(path, { method, body: method === 'PUT' ? invoice : undefined })
  expect({ status, body, allow: headers.get('allow') }).toMatchObject({ status: 405, body: { error: { code: 'methodNotAllowed' } }, allow })
  expect(await db.select().from(messages)).toHaveLength(0)
})

test('what is not there is 404', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  expect(await api.ask('/nothing')).toMatchObject({ status: 404, body: { error: { code: 'notFound' } } })
  expect((await api.ask('/messages', { body: 'subject=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status).toBe(415)
})

test.each([
  'application/json; charset=utf8',
  'application/json;charset="UTF-8"',
  'APPLICATION/JSON ; Charset=UTF8',
  'application/json; odata=verbose; charset=utf-8',
  'application/json; profile="a;b"',
  'application/json;',
])('what programs say of their JSON is understood: %s', async type => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  expect(await api.ask('/messages', { body: invoice, headers: { 'content-type': type } })).toMatchObject({ status: 202 })
})

test('a slash at the end of an address changes nothing', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { status, body } = await api.ask('/messages/', { body: invoice })
  expect(status).toBe(202)
  expect(await api.ask('/messages/')).toMatchObject({ status: 200, body: { messages: [body] } })
  expect(await api.ask(`/messages/${(body as { id: string }).id}/`)).toMatchObject({ status: 200, body })
  expect(await api.ask('/messages//cancel', { method: 'POST' }), 'no id is the id of nothing').toMatchObject({ status: 404 })
})

test('whoever may read may ask for the headers alone', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { id } = (await api.ask('/messages', { body: invoice })).body as { id: string }
  for (const path of ['/messages', `/messages/${id}`, '/users/ANNA/route', '/openapi.json']) {
    const [got, head] = [await api.ask(path), await api.ask(path, { method: 'HEAD' })]
    expect(head, path).toMatchObject({ status: 200, body: {} })
    expect(head.headers.get('content-length'), path).toBe(got.headers.get('content-length'))
  }
  expect((await api.ask('/messages', { method: 'HEAD', key: null })).status).toBe(401)
  expect((await api.ask(`/messages/${'0'.repeat(26)}`, { method: 'HEAD' })).status).toBe(404)
  expect((await api.ask('/messages/batch', { method: 'HEAD' })).status, 'what is written cannot be read').toBe(405)
})

test('a body that is compressed, or in another charset, is told what is read instead', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const refused = { status: 415, body: { error: { code: 'notJson' } } }
  expect(await api.ask('/messages', { body: gzipSync(JSON.stringify(invoice)), headers: { 'content-encoding': 'gzip' } })).toMatchObject(refused)
  expect(await api.ask('/messages', { body: invoice, headers: { 'content-type': 'application/json; charset=iso-8859-2' } })).toMatchObject(refused)
  expect(await api.ask('/messages', { body: invoice, headers: { 'content-encoding': 'identity' } })).toMatchObject({ status: 202 })
})

/** As many libraries do: writes all of a body, gives up where that breaks, and only then reads. */
async function sendWhole(port: number, headers: Record<string, string>, megabytes: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const lines = Object.entries({ host: 'localhost', connection: 'close', 'content-type': 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  socket.write(`POST /api/v1/messages HTTP/1.1\r\n${lines.join('\r\n')}\r\ncontent-length: ${megabytes * 1024 * 1024}\r\n\r\n`)
  const megabyte = Buffer.alloc(1024 * 1024, ' ')
  for (let sent = 0; sent < megabytes; sent++) if (!socket.write(megabyte)) await once(socket, 'drain')
  return text(socket)
}

test.each([
  [401, 'keyInvalid', { authorization: 'Bearer ph_revoked' }, 20],
  [415, 'notJson', { 'content-encoding': 'gzip' }, 20],
  [413, 'bodyTooLarge', {}, 80],
])('whoever is still sending when it is refused hears %i, and no broken connection', async (status, code, headers, megabytes) => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const heard = await sendWhole(api.port, { authorization: `Bearer ${api.key}`, ...headers }, megabytes)
  expect(heard).toContain(`HTTP/1.1 ${status} `)
  expect(heard).toContain(`"code":"${code}"`)
})

test('a body that was no JSON costs nobody the connection', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  expect((await api.ask('/messages', { body: '{' })).headers.get('connection')).not.toBe('close')
})
