import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { startScripted, startSmarthost } from '@/lib/testing/smtp-server'
import { startStepServer } from '@/lib/testing/step-server'
import { SessionPool } from './session-pool'
import type { Submission, SubmissionServer } from './submission'
import { submitOverSmtp } from './submit-over-smtp'

const letter = (to = 'klient@example.test'): Submission => ({
  envelopeSender: 'anna@acme.test',
  recipients: [to],
  raw: Buffer.from('From: anna@acme.test\r\nSubject: Faktura\r\n\r\nW załączeniu.\r\n'),
})
const via = ({ host, port }: { host: string; port: number }, tls: SubmissionServer['tls'] = 'none'): SubmissionServer => ({
  host,
  port,
  tls,
  login: null,
  trust: 'sandbox',
})

test('messages of one account share a connection, those of another login do not', async () => {
  await using smarthost = await startSmarthost({ users: { a: 'x', b: 'y' } })
  const pool = new SessionPool()
  const as = (username: string, password: string) => ({ ...via(smarthost, 'starttls'), login: { username, password } })
  for (let i = 0; i < 3; i++) {
    const server = as('a', 'x')
    expect(await submitOverSmtp(server, letter(`k${i}@example.test`), { sessions: pool.of('one', server), isUnwatched: true })).toMatchObject({
      outcome: 'accepted',
    })
  }
  expect(smarthost.connections).toBe(1)
  const other = as('b', 'y')
  await submitOverSmtp(other, letter(), { sessions: pool.of('one', other) })
  await submitOverSmtp(other, letter(), { sessions: pool.of('two', other) })
  expect(smarthost.connections, 'another login, then another account').toBe(3)
  expect(smarthost.received.map(({ username }) => username)).toEqual(['a', 'a', 'a', 'b', 'b'])
  pool.close()
})

test('after a refusal the connection serves the next message', async () => {
  await using smarthost = await startSmarthost({ rcptReply: address => (address.startsWith('nikt') ? { code: 550, text: '5.1.1 unknown' } : null) })
  const server = via(smarthost, 'starttls')
  const sessions = new SessionPool().of('one', server)
  expect(await submitOverSmtp(server, letter('nikt@example.test'), { sessions })).toMatchObject({ outcome: 'refused', phase: 'rcpt' })
  expect(await submitOverSmtp(server, letter(), { sessions })).toMatchObject({ outcome: 'accepted' })
  smarthost.behave({ dataReply: { code: 552, text: '5.2.2 full' } })
  expect(await submitOverSmtp(server, letter(), { sessions })).toMatchObject({ outcome: 'refused', phase: 'reply' })
  smarthost.behave({ dataReply: undefined })
  expect(await submitOverSmtp(server, letter(), { sessions })).toMatchObject({ outcome: 'accepted' })
  expect(smarthost.connections).toBe(1)
  expect(smarthost.received.map(({ envelopeRecipients }) => envelopeRecipients)).toEqual([['klient@example.test'], ['klient@example.test']])
})

/** Takes one message a connection, then ends it in its own way when the next begins. */
const onceEach = (end: (socket: Socket) => void) => {
  const seen = { connections: 0, accepted: 0 }
  const handler = (socket: Socket) => {
    seen.connections++
    let [isData, taken] = [false, 0]
    socket.write('220 hi\r\n')
    socket.on('data', chunk => {
      const text = chunk.toString('latin1')
      if (taken > 0) return end(socket)
      if (isData) {
        if (!text.endsWith('.\r\n')) return
        taken++
        seen.accepted++
        isData = false
        return void socket.write('250 ok\r\n')
      }
      isData = /^DATA/im.test(text)
      socket.write(isData ? '354 go\r\n' : '250 ok\r\n')
    })
  }
  return { handler, seen }
}

test.each<[string, (socket: Socket) => void]>([
  ['closes', socket => void socket.end()],
  ['resets', socket => void socket.resetAndDestroy()],
  ['says 421', socket => void socket.end('421 4.3.2 too many messages\r\n')],
])('a warm connection that the server %s when it is used again costs no attempt', async (_how, end) => {
  const { handler, seen } = onceEach(end)
  await using server = await startScripted(handler)
  const sessions = new SessionPool().of('one', via(server))
  for (let i = 0; i < 3; i++) expect(await submitOverSmtp(via(server), letter(), { sessions })).toMatchObject({ outcome: 'accepted' })
  expect(seen).toEqual({ connections: 3, accepted: 3 })
})

test('a warm connection that breaks behind the final dot is not replaced: the server may have taken the message', async () => {
  const seen = { connections: 0, dots: 0 }
  await using server = await startStepServer(point => {
    if (point === 'connect') seen.connections++
    return point === 'dot' && ++seen.dots > 1 ? 'drop' : 'go'
  })
  const sessions = new SessionPool().of('one', via(server))
  expect(await submitOverSmtp(via(server), letter(), { sessions })).toMatchObject({ outcome: 'accepted' })
  expect(await submitOverSmtp(via(server), letter(), { sessions })).toMatchObject({ outcome: 'unknown', errorCode: 'connectionLost', dataEnded: true })
  expect(seen).toEqual({ connections: 1, dots: 2 })
})

test('421 on a fresh connection is the server’s answer, not a stale connection', async () => {
  let connections = 0
  await using server = await startScripted(socket => {
    connections++
    socket.write('220 hi\r\n')
    socket.on('data', chunk => socket.write(/^EHLO/.test(chunk.toString()) ? '250 hi\r\n' : '421 4.7.0 busy\r\n'))
  })
  const sessions = new SessionPool().of('one', via(server))
  expect(await submitOverSmtp(via(server), letter(), { sessions })).toMatchObject({ outcome: 'waiting', blame: 'server', reply: { code: 421 } })
  expect(connections).toBe(1)
})

test('the envelope goes in one piece where the server takes that, and the body only after it was asked for', async () => {
  const heard: string[] = []
  await using server = await startScripted(socket => {
    socket.write('220 hi\r\n')
    socket.on('data', chunk => {
      const text = chunk.toString('latin1')
      heard.push(text)
      if (/^EHLO/.test(text)) socket.write('250-hi\r\n250-PIPELINING\r\n250 SIZE 1000\r\n')
      else if (/^MAIL/.test(text)) socket.write('250 ok\r\n250 ok\r\n354 go\r\n')
      else if (text.endsWith('.\r\n')) socket.write('250 ok\r\n')
    })
  })
  expect(await submitOverSmtp(via(server), letter())).toMatchObject({ outcome: 'accepted' })
  expect(heard[1]).toBe(`MAIL FROM:<anna@acme.test> SIZE=${letter().raw.length}\r\nRCPT TO:<klient@example.test>\r\nDATA\r\n`)
  expect(heard[2]).toBe(`${letter().raw.toString('latin1')}.\r\n`)
})

test('a pipelining server that refuses every recipient and asks for the data all the same gets none', async () => {
  const heard: string[] = []
  await using server = await startScripted(socket => {
    socket.write('220 hi\r\n')
    socket.on('data', chunk => {
      heard.push(chunk.toString('latin1'))
      socket.write(heard.length === 1 ? '250-hi\r\n250 PIPELINING\r\n' : '250 ok\r\n550 5.1.1 no\r\n354 go\r\n')
    })
  })
  expect(await submitOverSmtp(via(server), letter())).toMatchObject({ outcome: 'refused', phase: 'rcpt', dataEnded: false })
  expect(heard).toHaveLength(2)
})

test('the answer to DATA of a server that took no recipient is a line of the refusal, no failure of its own', async () => {
  await using server = await startScripted(socket => {
    let count = 0
    socket.write('220 hi\r\n')
    socket.on('data', () => socket.write(count++ === 0 ? '250-hi\r\n250 PIPELINING\r\n' : '250 ok\r\n550 5.1.1 no\r\n503 no valid recipients\r\n'))
  })
  const { steps } = await submitOverSmtp(via(server), letter())
  expect(steps.filter(({ state }) => state === 'failed').map(({ phase }) => phase)).toEqual(['rcpt'])
  expect(steps.at(-1)).toMatchObject({ phase: 'rcpt', facts: { reply: { code: 550 } } })
  expect(
    steps
      .at(-1)
      ?.lines.slice(-2)
      .map(({ text }) => text),
  ).toEqual(['DATA', '503 no valid recipients'])
})
