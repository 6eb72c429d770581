import dgram from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { forgetLookUps } from '@/lib/dns/look-up'
import { env } from '@/lib/env'
import { collectGarbage } from '@/lib/testing/collect-garbage'
import { dripping, pouring, startRawReceiver } from '@/lib/testing/raw-receiver'
import { useZone } from '@/lib/testing/use-zone'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { postEvent } from './post-event'

const servers = env.dns.servers
const allowed = env.smtp.allowCidrs
afterEach(() => {
  env.dns.servers = servers
  env.smtp.allowCidrs = allowed
  forgetLookUps()
})

const ok = 'HTTP/1.1 200 OK\r\n'
const kilobyte = 'x'.repeat(1000)
const never = new AbortController().signal

const post = (port: number, { host = 'localhost', scheme = 'http', deadlineMs = 500, signal = never } = {}) =>
  postEvent({ url: `${scheme}://${host}:${port}/hook`, headers: {}, body: '{}', mode: 'sandbox', signal, deadlineMs })

const [late, broken] = [
  { status: null, error: 'timeout' },
  { status: null, error: 'connection' },
]

test.each<[string, (socket: Socket) => void, object]>([
  ['says nothing', () => undefined, late],
  ['answers drop by drop', dripping(`${ok}content-length: 9999\r\n\r\n`), late],
  ['sends its headers drop by drop', dripping(`${ok}x: `), late],
  ['has no end of headers', pouring(ok, `x: ${kilobyte}\r\n`), broken],
  ['has no end of hints before its answer', pouring('', 'HTTP/1.1 103 Early Hints\r\n\r\n'), late],
  ['has no end of its answer', pouring(`${ok}\r\n`, kilobyte), { status: 200, error: null }],
  ['has no end of what stands beside a chunk', pouring(`${ok}transfer-encoding: chunked\r\n\r\n1;`, kilobyte), broken],
  ['has no end of trailers', pouring(`${ok}transfer-encoding: chunked\r\n\r\n0\r\n`, `x: ${kilobyte}\r\n`), broken],
  ['hangs up before it answers', socket => socket.destroy(), broken],
  ['hangs up within its headers', socket => socket.end(`${ok}x: y`), broken],
  ['hangs up within its answer', socket => socket.end(`${ok}content-length: 100\r\n\r\nhalf`), broken],
  ['is no web server', socket => socket.end('220 mail.acme.test ESMTP\r\n'), broken],
])('a receiver that %s is done with in time, and its connection closed', async (_, behave, posted) => {
  await using receiver = await startRawReceiver(behave)
  expect(await post(receiver.port)).toMatchObject(posted)
  await expect.poll(() => receiver.sockets.size).toBe(0)
})

test.each<[string, (socket: Socket) => void, object]>([
  ['never shakes hands', () => undefined, late],
  ['shakes hands drop by drop', dripping(''), broken],
  ['speaks plain HTTP', socket => socket.end(`${ok}\r\n`), broken],
  ['hangs up within the handshake', socket => socket.destroy(), broken],
])('a receiver of https that %s is done with in time', async (_, behave, posted) => {
  await using receiver = await startRawReceiver(behave)
  expect(await post(receiver.port, { scheme: 'https' })).toMatchObject(posted)
})

test('the time for an answer is over in time, whatever is collected as garbage meanwhile', async () => {
  await using receiver = await startRawReceiver(socket => {
    const collecting = setInterval(collectGarbage, 50)
    socket.once('close', () => clearInterval(collecting))
  })
  expect(await Promise.race([post(receiver.port), wait(10_000, 'still waiting')])).toMatchObject(late)
})

test('a look-up that gets no answer counts against that time, and holds up no stop of the engine', async () => {
  const silent = dgram.createSocket('udp4')
  silent.bind(0, '127.0.0.1')
  await once(silent, 'listening')
  env.dns.servers = [{ address: '127.0.0.1', port: silent.address().port }]
  expect(await post(443, { host: 'hook.acme.test', deadlineMs: 200 })).toMatchObject({ ...late, durationMs: expect.toSatisfy(ms => ms < 1400) })
  const stopping = new AbortController()
  const posted = post(443, { host: 'other.acme.test', deadlineMs: 15_000, signal: stopping.signal })
  stopping.abort()
  expect(await posted).toMatchObject({ error: 'stopped', durationMs: expect.toSatisfy(ms => ms < 1400) })
  silent.close()
})

test('the connection goes to the address that was looked at, whatever the name says a moment later', async () => {
  await using receiver = await startReceiver()
  await using dns = await useZone({ 'hook.acme.test': { A: ['127.0.0.1'] } })
  const { port } = new URL(receiver.url)
  const posting = post(Number(port), { host: 'hook.acme.test' })
  await expect.poll(() => dns.questions.filter(question => question === 'A hook.acme.test')).toHaveLength(1)
  dns.zone['hook.acme.test'] = { A: ['127.0.0.2'] }
  forgetLookUps()
  expect(await posting).toMatchObject({ status: 204 })
  expect(
    dns.questions.filter(question => question === 'A hook.acme.test'),
    'nobody asks again',
  ).toHaveLength(1)
})

test.each([
  ['A', '127.0.0.1'],
  ['A', '169.254.169.254'],
  ['AAAA', '::1'],
  ['AAAA', '::ffff:127.0.0.1'],
  ['AAAA', '64:ff9b::7f00:1'],
  ['AAAA', 'fd00:ec2::254'],
] as const)('a name that has a private address (%s %s) beside a public one is not connected to', async (type, address) => {
  env.smtp.allowCidrs = []
  await using _ = await useZone({ 'hook.acme.test': { A: ['8.8.8.8'], [type]: type === 'A' ? ['8.8.8.8', address] : [address] } })
  const posted = await postEvent({ url: 'https://hook.acme.test/', headers: {}, body: '{}', mode: 'live', signal: never, deadlineMs: 2000 })
  expect(posted).toMatchObject({ status: null, error: 'notAdmitted' })
})

test('a live installation posts nothing in the open, whatever was saved', async () => {
  await using receiver = await startReceiver()
  const posted = await postEvent({ url: receiver.url, headers: {}, body: '{}', mode: 'live', signal: never, deadlineMs: 2000 })
  expect([posted, receiver.received]).toMatchObject([{ status: null, error: 'webhookHttps' }, []])
})
