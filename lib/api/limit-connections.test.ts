import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import ipaddr from 'ipaddr.js'
import { expect, test } from 'vitest'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { callerHeader, sealCaller } from './caller'
import { type ConnectionLimits, limitConnections } from './limit-connections'

const uncounted = [ipaddr.parseCIDR('127.0.0.1/32')] // of this machine the rest plays the world

/** A connection from another address that stays open; what it hears comes as text. */
async function open(port: number, { from = '127.0.0.2', headers = {} }: { from?: string; headers?: Record<string, string> } = {}) {
  const socket: Socket = connect({ port, host: '127.0.0.1', localAddress: from }).on('error', () => undefined)
  const heard = new Promise<string>(resolve => {
    socket.once('data', chunk => resolve(chunk.toString()))
    socket.once('close', () => resolve('closed'))
  })
  await once(socket, 'connect')
  const lines = Object.entries({ host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET /api/v1/openapi.json HTTP/1.1\r\n${lines.join('')}\r\n`)
  return { heard: await heard, close: () => void socket.destroy(), [Symbol.dispose]: () => void socket.destroy() }
}

const served = /^HTTP\/1\.1 200 /

async function startLimited(limits: Partial<ConnectionLimits> & { proxyHops?: number }) {
  const server = createServer((_, response) => response.end('served'))
  limitConnections(server, { proxyHops: 0, ...limits })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

test('an address holds so many connections to the API and no more, others are served, and one that it closes makes room', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin, { connections: { perAddress: 2, uncounted } })
  using first = await open(api.port)
  using second = await open(api.port)
  using third = await open(api.port)
  expect([first.heard, second.heard, third.heard]).toEqual([expect.stringMatching(served), expect.stringMatching(served), 'closed'])
  using neighbour = await open(api.port, { from: '127.0.0.3' })
  expect(neighbour.heard).toMatch(served)
  expect(await api.ask('/messages')).toMatchObject({ status: 200 })
  first.close()
  const again = async () => {
    using one = await open(api.port)
    return one.heard
  }
  await expect.poll(again).toMatch(served)
})

test('web, which comes for everybody, may open as many as it needs, and whoever says to be web may not', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin, { connections: { perAddress: 2, uncounted } })
  const open3 = async (caller: string) => {
    const from = { headers: { [callerHeader]: caller } }
    using first = await open(api.port, from)
    using second = await open(api.port, from)
    using third = await open(api.port, from)
    return [first, second, third].map(({ heard }) => heard.slice(0, 12))
  }
  expect(await open3(sealCaller('203.0.113.7'))).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 200'])
  expect((await open3('203.0.113.7 ph_guessed')).at(-1)).toBe('closed')
})

test.each([
  ['this machine', { perAddress: 1 }],
  ['proxies of our own, which are everybody’s address', { perAddress: 1, proxyHops: 1, uncounted: [] }],
])('%s may open as many as it needs', async (_, limits) => {
  await using server = await startLimited(limits)
  using first = await open(server.port)
  using second = await open(server.port)
  expect([first.heard, second.heard]).toEqual([expect.stringMatching(served), expect.stringMatching(served)])
})

test('all together hold so many, whoever they are', async () => {
  await using server = await startLimited({ all: 2 })
  using first = await open(server.port)
  using second = await open(server.port, { from: '127.0.0.3' })
  using third = await open(server.port, { from: '127.0.0.4' })
  expect([first.heard, second.heard, third.heard]).toEqual([expect.stringMatching(served), expect.stringMatching(served), 'closed'])
})
