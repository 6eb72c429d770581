import { type AddressInfo, connect, type Socket } from 'node:net'
import fastify from 'fastify'
import { expect, test, vi } from 'vitest'
import { messages } from '@/db/schema'
import { startApi } from '@/lib/testing/api-client'
import { collectGarbage } from '@/lib/testing/collect-garbage'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { letGoAtStop } from './let-go'

const invoice = JSON.stringify({ from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura' })

/** A program that announces a body of a kilobyte more than the invoice, sends its beginning, and then a byte now and then. */
function upload(port: number, { key, method = 'POST' }: { key: string; method?: string }) {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  let said = ''
  socket.on('data', chunk => {
    said += chunk
  })
  const heard = new Promise(resolve => socket.once('data', resolve))
  const closed = new Promise(resolve => socket.once('close', resolve))
  const head = ['host: x', `authorization: Bearer ${key}`, 'content-type: application/json', `content-length: ${invoice.length + 1000}`]
  socket.write(`${method} /api/v1/messages HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${invoice}`)
  let left = 1000
  const dripping = setInterval(() => left-- > 1 && socket.write(' '), 50)
  const stopDripping = () => clearInterval(dripping)
  socket.once('close', stopDripping)
  const finish = () => {
    stopDripping()
    socket.write(' '.repeat(left))
  }
  return { heard, closed, said: () => said, finish, [Symbol.dispose]: () => void socket.destroy() }
}

test('an engine that stops waits for nobody who was refused and goes on sending, and tells them why', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  using refused = upload(api.port, { key: 'ph_revoked' })
  await api.ask('/messages')
  await api.stop()
  await refused.closed
  expect(refused.said()).toMatch(/^HTTP\/1\.1 401 .*keyInvalid/s)
})

test('an engine that stops waits for nobody who has its answer and goes on sending', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  using reader = upload(api.port, { key: api.key, method: 'GET' })
  await reader.heard
  expect(reader.said()).toMatch(/^HTTP\/1\.1 200 /)
  await api.stop()
  await reader.closed
})

test('what is being handed over when an engine stops has some time to end, and is taken', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  using slow = upload(api.port, { key: api.key })
  await api.ask('/messages')
  const stopping = api.stop()
  slow.finish()
  await stopping
  await slow.closed
  expect(slow.said()).toMatch(/^HTTP\/1\.1 202 .*connection: close/is)
  expect(await db.select().from(messages)).toHaveLength(1)
})

test('and who does not come to an end by then is cut off', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin, { uploadsEndWithinMs: 200 })
  using slow = upload(api.port, { key: api.key })
  await api.ask('/messages')
  await api.stop()
  await slow.closed
  expect(await db.select().from(messages)).toHaveLength(0)
})

test('a connection that had its answer before its request was whole is forgotten when it ends', async () => {
  const server = fastify()
  letGoAtStop(server, { withinMs: 200 })
  const sockets: WeakRef<Socket>[] = []
  server.addHook('onRequest', async ({ raw }, reply) => {
    sockets.push(new WeakRef(raw.socket))
    return reply.code(401).send()
  })
  server.post('/api/v1/messages', async () => '')
  await server.listen({ port: 0, host: '127.0.0.1' })
  for (let count = 0; count < 5; count++) {
    using refused = upload((server.server.address() as AddressInfo).port, { key: 'ph_wrong' })
    await refused.heard
  }
  const isKept = () => {
    collectGarbage()
    return sockets.slice(0, 4).some(socket => socket.deref() !== undefined) // the last one Node itself may still look at
  }
  await vi.waitFor(() => expect(isKept()).toBe(false), { timeout: 10_000 })
  await server.close()
})
