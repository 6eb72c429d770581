import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { readBody } from './read-body'

test('a program that goes away in the middle of its body has sent no JSON; it is no fault of ours', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"to":')
  const [request] = (await once(server, 'request')) as [IncomingMessage]
  const read = readBody(request)
  request.once('data', () => socket.resetAndDestroy())
  await expect(read).rejects.toMatchObject({ name: 'Refusal', code: 'jsonInvalid' })
  server.close()
})
