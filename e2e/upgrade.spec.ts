import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from './fixture/test'

/** Everything that web says to this request. */
async function saidTo(url: string, lines: string[]): Promise<string> {
  const { hostname, port } = new URL(url)
  const client = connect(Number(port), hostname)
  await once(client, 'connect')
  client.write([...lines, 'host: x', '', ''].join('\r\n'))
  let said = ''
  for await (const chunk of client) said += chunk
  return said
}

test('A program that offers to go on in HTTP/2, as those in Java do, and one that offers a WebSocket are answered by web', async ({ installation }) => {
  const offers = [
    ['connection: close, upgrade, http2-settings', 'upgrade: h2c', 'http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA'],
    ['connection: close, upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=='],
  ]
  for (const offer of offers) {
    expect(await saidTo(installation.url, ['GET /api/v1/messages HTTP/1.1', ...offer])).toMatch(/^HTTP\/1\.1 401 .*"code":"keyMissing"/s)
    expect(await saidTo(installation.url, ['GET /login HTTP/1.1', ...offer])).toMatch(/^HTTP\/1\.1 200 /)
  }
})
