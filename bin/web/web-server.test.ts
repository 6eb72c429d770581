import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { webServer } from './web-server'

test.each([
  ['/login?next=%2Foutbox', '/login?next=%2Foutbox'],
  ['http://evil.test/api/v1/messages?limit=1', '/api/v1/messages?limit=1'],
  ['HTTPS://evil.test:8443', '/'],
  ['http://evil.test?a=b', '/?a=b'],
])('asked for %s, web looks for %s', async (target, wanted) => {
  expect(await said(`GET ${target} HTTP/1.1`)).toMatch(/^HTTP\/1.1 200 /)
  expect((await said(`GET ${target} HTTP/1.1`)).split('\r\n\r\n')[1]).toBe(wanted)
})

test('what asks for nothing in particular is answered as a page that is not there', async () => {
  expect(await said('OPTIONS * HTTP/1.1')).toMatch(/^HTTP\/1.1 404 .*"code":"notFound"/s)
})

/** All that a server which answers with what it is asked for says to this. */
async function said(line: string): Promise<string> {
  const server = webServer(({ url }, response) => void response.end(url), { proxyHops: 0 }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.write(`${line}\r\nhost: x\r\nconnection: close\r\n\r\n`)
  let answer = ''
  for await (const chunk of client) answer += chunk
  server.close()
  return answer
}
