import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { messages } from '@/db/schema'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { answerUnread } from './answer-unread'

const invoice = JSON.stringify({ from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura' })

type Heard = { status: number; head: string; body: { error?: { code: string; message: string; field: null; request_id: string } } }

/** Sends these bytes as they are and listens to the end of the connection. */
async function converse(port: number, text: string): Promise<Heard[]> {
  const socket = connect(port, '127.0.0.1')
  socket.write(text, 'latin1')
  let said = ''
  for await (const chunk of socket) said += chunk
  return said.split(/(?=HTTP\/1\.1 \d)/).map(answer => {
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    return { status: Number(head.slice(9, 12)), head: head.toLowerCase(), body: JSON.parse(body || '{}') }
  })
}

function expectError(heard: Heard | undefined, status: number, code: string) {
  expect(heard).toMatchObject({ status, body: { error: { code, message: `en: ${code}`, field: null } } })
  expect(heard?.head).toContain(`x-request-id: ${heard?.body.error?.request_id}`)
  expect(heard?.head).toContain('content-type: application/json')
}

const list = 'GET /api/v1/messages HTTP/1.1\r\nhost: x\r\n'

test.each([
  ['a first line that is none', 'garbage\r\n\r\n', 400, 'requestMalformed'],
  ['a method that nobody knows', 'FOO /api/v1/messages HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'requestMalformed'],
  ['a version that nobody knows', 'GET /api/v1/messages HTTP/1.3\r\nhost: x\r\n\r\n', 400, 'requestMalformed'],
  ['bytes in an address', 'GET /api/v1/mess\xffages HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'requestMalformed'],
  ['a NUL in a header', `${list}x: a\0b\r\n\r\n`, 400, 'requestMalformed'],
  ['two lengths', `${list}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400, 'requestMalformed'],
  ['a length and chunks', `${list}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`, 400, 'requestMalformed'],
  ['no host', 'GET /api/v1/messages HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'requestMalformed'],
  ['an escape that is none', 'GET /api/v1/messages/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 404, 'notFound'],
  ['headers without end', `${list}x: ${'a'.repeat(500_000)}\r\n\r\n`, 431, 'headTooLarge'],
  ['an address without end', `GET /api/v1/messages?${'a'.repeat(500_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431, 'headTooLarge'],
  ['a tunnel', 'CONNECT mail.test:25 HTTP/1.1\r\nhost: x\r\n\r\n', 405, 'methodNotAllowed'],
])('%s is answered as every other error is', async (_, text, status, code) => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const heard = await converse(api.port, text)
  expect(heard).toHaveLength(1)
  expectError(heard[0], status, code)
})

test('a method that is known and not taken is told which are', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const [heard] = await converse(api.port, 'PROPFIND /api/v1/messages HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  expectError(heard, 405, 'methodNotAllowed')
  expect(heard?.head).toContain('allow: post, get, head')
})

test('who expects something of us that we do not know is served all the same', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const head = `POST /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.key}\r\ncontent-type: application/json\r\nconnection: close\r\n`
  const heard = await converse(api.port, `${head}expect: miracles\r\ncontent-length: ${invoice.length}\r\n\r\n${invoice}`)
  expect(heard.map(({ status }) => status)).toEqual([202])
})

test('nonsense behind a request that was done does not take its answer away', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const head = `POST /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.key}\r\ncontent-type: application/json\r\n`
  const one = `${head}content-length: ${invoice.length}\r\n\r\n${invoice}`
  const heard = await converse(api.port, `${one}${one}garbage\r\n\r\n`)
  expect(heard.map(({ status }) => status)).toEqual([202, 202, 400])
  expectError(heard[2], 400, 'requestMalformed')
  expect(await db.select().from(messages)).toHaveLength(2)
})

test('a request that breaks off behind one that was done does not take its answer away', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const head = `POST /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.key}\r\ncontent-type: application/json\r\n`
  const broken = `${head}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n`
  const heard = await converse(api.port, `${head}content-length: ${invoice.length}\r\n\r\n${invoice}${broken}`)
  expect(heard.map(({ status }) => status)).toEqual([202, 400])
  expect(await db.select().from(messages)).toHaveLength(1)
})

test('chunks that break off in nonsense store nothing, and it is said', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const head = `POST /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.key}\r\ncontent-type: application/json\r\n`
  const heard = await converse(api.port, `${head}transfer-encoding: chunked\r\n\r\n${invoice.length.toString(16)}\r\n${invoice}\r\nzz\r\n`)
  expect(heard).toHaveLength(1)
  expectError(heard[0], 400, 'requestMalformed')
  expect(await db.select().from(messages)).toHaveLength(0)
})

async function slowServer(answer: RequestListener) {
  const server = createServer({ requestTimeout: 100, headersTimeout: 100, connectionsCheckingInterval: 20 }, answer)
  answerUnread(server, (language, code) => `${language}: ${code}`)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() }
}

test.each(['GET /api/v1/messages HTTP/1.1\r\nhos', 'POST /api/v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{'])(
  'a request that never comes to its end is told so: %j',
  async text => {
    await using server = await slowServer(() => undefined)
    const heard = await converse(server.port, text)
    expect(heard).toHaveLength(1)
    expectError(heard[0], 408, 'requestTooSlow')
  },
)

test('a request that was answered before its end is not answered a second time', async () => {
  await using server = await slowServer((_, response) => void response.writeHead(401).end())
  const heard = await converse(server.port, 'POST /api/v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{')
  expect(heard.map(({ status }) => status)).toEqual([401])
})
