import { once } from 'node:events'
import { request as ask, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { callerOf } from '@/lib/api/caller'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { cleanHeaders } from './incoming'
import { isForApi, passOn } from './pass-on'
import { webServer } from './web-server'

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void, make: (on: typeof answer) => Server = createServer) {
  const server = make(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const web = (engine: string, trustedHops = 0) =>
  serve(
    (request, response) => {
      cleanHeaders(request, { trustedHops, appUrl: 'http://web.test' })
      passOn(request, response, engine)
    },
    answer => webServer(answer, { proxyHops: trustedHops }),
  )

const echo = (request: IncomingMessage, response: ServerResponse) => {
  let size = 0
  request.on('data', chunk => {
    size += chunk.length
  })
  request.on('end', () =>
    response
      .writeHead(202, { 'content-type': 'application/json' })
      .end(JSON.stringify({ size, url: request.url, caller: callerOf(request), headers: request.headers })),
  )
}

test('a body of many megabytes, its answer and whom it is from come through', async () => {
  await using engine = await serve(echo)
  await using front = await web(engine.url)
  const headers = { 'x-posthorn-caller': '203.0.113.7 x', 'x-forwarded-for': '203.0.113.7', cookie: 'session=secret', authorization: 'Bearer ph_x' }
  const response = await fetch(`${front.url}/api/v1/messages?limit=1`, { method: 'POST', headers, body: Buffer.alloc(12_000_000, 'a') })
  const seen = (await response.json()) as { size: number; url: string; caller: string; headers: Record<string, string> }
  expect(response.status).toBe(202)
  expect(seen).toMatchObject({ size: 12_000_000, url: '/api/v1/messages?limit=1', caller: '127.0.0.1' })
  expect(seen.headers).toMatchObject({ authorization: 'Bearer ph_x' })
  expect(Object.keys(seen.headers), 'what a client says of itself, and cookies, stay behind').not.toEqual(expect.arrayContaining(['cookie']))
  expect(seen.headers['x-forwarded-for']).toBeUndefined()
})

test('behind a trusted proxy the caller is whom the proxy saw', async () => {
  await using engine = await serve(echo)
  await using front = await web(engine.url, 1)
  const response = await fetch(`${front.url}/api/v1/messages`, { headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' } })
  expect(await response.json()).toMatchObject({ caller: '203.0.113.7' })
})

test('an address holds so many connections to the pages and no more', async () => {
  await using front = await serve(echo, answer => webServer(answer, { proxyHops: 0, perAddress: 1, uncounted: [] }))
  const first = connect(front.port, '127.0.0.1')
  await once(first, 'connect')
  const second = connect(front.port, '127.0.0.1').on('error', () => undefined)
  await once(second.resume(), 'close')
  first.write('GET /login HTTP/1.1\r\nhost: x\r\n\r\n')
  expect(String(await once(first, 'data'))).toMatch(/^HTTP\/1\.1 202 /)
  first.destroy()
})

test('an engine that is away is said, and a client that leaves frees the engine', async () => {
  const gone = await serve(echo)
  await gone[Symbol.asyncDispose]()
  await using front = await web(gone.url)
  const response = await fetch(`${front.url}/api/v1/messages`, { headers: { 'accept-language': 'de, et;q=0.5' } })
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ error: { code: 'engineAway', message: 'Kirjade saatmise teenus praegu ei vasta. Proovi varsti uuesti.' } })

  const arrivals: ((request: IncomingMessage) => void)[] = []
  const arrived = new Promise<IncomingMessage>(resolve => arrivals.push(resolve))
  await using slow = await serve(request => arrivals[0]?.(request))
  await using second = await web(slow.url)
  const client = connect(second.port, '127.0.0.1')
  client.write('POST /api/v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc')
  const request = await arrived
  const left = new Promise(resolve => request.on('error', resolve).on('close', resolve))
  client.destroy()
  await left
})

test('dots in a path lead nowhere else on the engine', async () => {
  await using engine = await serve(echo)
  await using front = await web(engine.url)
  const client = connect(front.port, '127.0.0.1')
  client.write('GET /api/v1/../../metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  let said = ''
  for await (const chunk of client) said += chunk
  expect(said).toContain('"url":"/api/v1/../../metrics"')
})

test.each([
  ['/api/v1/messages', true],
  ['/api/v1', true],
  ['/api/v1?x', true],
  ['/api/v10/messages', false],
  ['/api/auth/session', false],
  ['/docs/api', false],
])('%s is for the API: %s', (url, isApi) => {
  expect(isForApi({ url } as IncomingMessage)).toBe(isApi)
})

test('what the engine refuses while a body is still coming is not taken for an engine that is away', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  await using front = await web(`http://127.0.0.1:${api.port}`)
  const headers = { authorization: 'Bearer ph_revoked', 'content-type': 'application/json' }
  const response = await fetch(`${front.url}/api/v1/messages`, { method: 'POST', headers, body: Buffer.alloc(30_000_000, ' ') })
  expect(response.status).toBe(401)
})

test('who asked web before sending a body hears what the engine says of it', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  await using front = await web(`http://127.0.0.1:${api.port}`)
  const headers = { authorization: 'Bearer ph_revoked', 'content-type': 'application/json', 'content-length': 30_000_000, expect: '100-continue' }
  const sent = ask({ port: front.port, host: '127.0.0.1', path: '/api/v1/messages', method: 'POST', headers })
  sent.once('continue', () => sent.end(Buffer.alloc(30_000_000, ' ')))
  sent.flushHeaders()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  expect(answer.resume().statusCode).toBe(401)
})

test('a body beyond all measure is refused as the engine refuses it, whoever asks', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  await using front = await web(`http://127.0.0.1:${api.port}`)
  for (const port of [api.port, front.port]) {
    expect(await announce(port, { key: api.key, megabytes: 300 })).toMatchObject([413, { error: { code: 'bodyTooLarge' } }])
    expect(await announce(port, { key: 'ph_revoked', megabytes: 300 })).toMatchObject([401, { error: { code: 'keyInvalid' } }])
  }
})

/** Announces so much, sends the beginning of it and listens. */
async function announce(port: number, { key, megabytes }: { key: string; megabytes: number }): Promise<[number | undefined, object]> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': megabytes * 1024 * 1024 }
  const sent = ask({ port, host: '127.0.0.1', path: '/api/v1/messages', method: 'POST', headers })
  sent.write(Buffer.alloc(1024 * 1024, ' '))
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  sent.on('error', () => undefined) // the connection closes under what did not leave
  let text = ''
  for await (const chunk of answer) text += chunk
  sent.destroy()
  return [answer.statusCode, JSON.parse(text)]
}

test.each([
  ['a first line that is none', 'garbage\r\n\r\n', 400, 'requestMalformed'],
  ['no host', 'GET /api/v1/messages HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'requestMalformed'],
  ['headers without end', `GET /api/v1/messages HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`, 431, 'headTooLarge'],
  ['an escape that is none', 'GET /api/v1/messages/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 404, 'notFound'],
  ['an unusual method', 'PROPFIND /api/v1/messages HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 405, 'methodNotAllowed'],
])('what is no request of the API is answered at web’s port as at the engine’s: %s', async (_, text, status, code) => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  await using front = await web(`http://127.0.0.1:${api.port}`)
  for (const port of [api.port, front.port]) {
    const client = connect(port, '127.0.0.1')
    client.write(text)
    let said = ''
    for await (const chunk of client) said += chunk
    expect(said).toContain(`HTTP/1.1 ${status} `)
    expect(said).toContain(`{"error":{"code":"${code}",`)
  }
})
