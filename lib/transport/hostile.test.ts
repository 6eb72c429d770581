import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { lines, startScripted } from '@/lib/testing/smtp-server'
import { SessionPool } from './session-pool'
import type { Outcome, Submission, SubmissionServer } from './submission'
import { submitOverSmtp } from './submit-over-smtp'

const letter: Submission = { envelopeSender: 'anna@acme.test', recipients: ['klient@example.test'], raw: Buffer.from('Subject: Faktura\r\n\r\nRaz.\r\n') }
const login = { username: 'anna@acme.test', password: 'sesam-otworz' }
const via = ({ host, port }: { host: string; port: number }, rest: Partial<SubmissionServer> = {}): SubmissionServer => ({
  host,
  port,
  tls: 'none',
  login: null,
  trust: 'sandbox',
  ...rest,
})

/** Answers as usual until a line matches; then does its worst. */
const usualUntil =
  (when: RegExp, worst: (socket: Socket) => void, ehlo = '250-hi\r\n250 AUTH PLAIN LOGIN') =>
  (socket: Socket) => {
    socket.write('220 hi\r\n')
    socket.on('data', chunk => {
      const text = chunk.toString('latin1')
      if (when.test(text)) return worst(socket)
      if (/^EHLO/im.test(text)) return void socket.write(`${ehlo}\r\n`)
      if (/^AUTH/im.test(text)) return void socket.write('235 welcome\r\n')
      socket.write(/^DATA/im.test(text) ? '354 go\r\n' : '250 ok\r\n')
    })
  }

/** Sends without end, as fast as it is read. */
const endless = (text: string) => (socket: Socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(text));
  }
  socket.on('drain', more)
  more()
}
const drip = (text: string) => (socket: Socket) => {
  const dripping = setInterval(() => socket.write(text), 10)
  socket.on('close', () => clearInterval(dripping))
}
const say = (text: string) => (socket: Socket) => void socket.write(text)

test.each<[string, (socket: Socket) => void, Partial<SubmissionServer>]>([
  ['an endless banner', endless(`220-${'x'.repeat(900)}\r\n`), {}],
  ['a banner without a line end', endless('2'.repeat(65_536)), {}],
  ['an EHLO answered without end', usualUntil(/^EHLO/, endless(`250-${'X'.repeat(500)}\r\n`)), {}],
  ['an EHLO answered with rubbish', usualUntil(/^(EHLO|HELO)/, say('\x00\xff\x1b[2J<html>\r\n')), {}],
  ['challenges without end', usualUntil(/^(AUTH|[A-Za-z0-9+/=]*\r\n$)/, say('334 UGFzc3dvcmQ6\r\n'), '250-hi\r\n250 AUTH LOGIN'), { login }],
  ['an answer to MAIL without a line end', usualUntil(/^MAIL/, endless('2'.repeat(65_536))), {}],
  ['an answer to MAIL of endless lines', usualUntil(/^MAIL/, endless(`250-${'x'.repeat(500)}\r\n`)), {}],
  ['an answer to RCPT drop by drop', usualUntil(/^RCPT/, drip('2')), {}],
  ['answers nobody asked for', usualUntil(/^RCPT/, endless('250 ok\r\n')), {}],
  ['a 250 in place of 354', usualUntil(/^DATA/, say('250 ok\r\n')), {}],
  ['a 250 before the message has ended', usualUntil(/^DATA/, say('354 go\r\n250 ok\r\n')), {}],
])('%s ends in time, in bounds, and keeps the mail', async (_what, handler, rest) => {
  await using server = await startScripted(handler)
  const before = process.memoryUsage().rss
  const result = await submitOverSmtp(via(server, rest), letter, { deadlineMs: 1500, answerMs: 1500 })
  expect(result.outcome).not.toBe('accepted')
  expect(result.outcome === 'waiting' || result.dataEnded, 'kept, or said to be unknown').toBe(true)
  expect(JSON.stringify(result).length).toBeLessThan(400_000)
  expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
  expect(JSON.stringify(result)).not.toContain(login.password)
})

test.each<[string, Outcome, (socket: Socket) => void, object]>([
  ['hangs up', 'unknown', socket => socket.destroy(), { errorCode: 'connectionLost' }],
  ['says nothing more', 'unknown', () => undefined, { errorCode: 'deadline' }],
  ['is slow', 'accepted', socket => void setTimeout(() => socket.write('250 ok\r\n'), 200), {}],
  ['answers 554', 'refused', say('554 5.7.1 spam\r\n'), { reply: { code: 554 } }],
  ['answers 552 and hangs up', 'refused', socket => void socket.end('552 5.2.2 full\r\n'), { reply: { code: 552 } }],
  ['answers rubbish', 'unknown', say('<html>250 ok</html>\r\n'), {}],
  ['answers 354 once more', 'unknown', say('354 go on\r\n'), {}],
])('where the server %s after the final dot, mail is %s', async (_what, outcome, worst, expected) => {
  await using server = await startScripted(usualUntil(/\.\r\n$/, worst))
  expect(await submitOverSmtp(via(server), letter, { deadlineMs: 10_000, answerMs: 1500 })).toMatchObject({ ...expected, outcome, phase: 'reply' })
})

test('what a server says is shown as text: HTML, escapes, NUL, broken UTF-8, and the password it echoes', async () => {
  const rude = Buffer.concat([Buffer.from('550 5.1.1 <script>\x1b[31m\x00 '), Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from(` ${login.password} zażółć\r\n`)])
  await using server = await startScripted(usualUntil(/^RCPT/, socket => void socket.write(rude)))
  for (const isUnwatched of [false, true]) {
    const result = await submitOverSmtp(via(server, { login }), letter, { isUnwatched })
    expect(result).toMatchObject({ outcome: 'refused', reply: { code: 550, enhancedStatus: '5.1.1' } })
    expect(result.reply?.text).toContain('<script>␛[31m␀')
    expect(result.reply?.text).toContain('[[secret]] zażółć')
    expect(JSON.stringify(result)).not.toContain(login.password)
  }
})

test('of an answer that goes on for pages the beginning is kept', async () => {
  const pages = Array.from({ length: 60 }, (_, page) => `550-5.7.1 page ${page} ${'x'.repeat(900)}\r\n`).join('')
  await using server = await startScripted(usualUntil(/^RCPT/, socket => void socket.write(`${pages}550 5.7.1 end\r\n`)))
  const { outcome, reply, recipients } = await submitOverSmtp(via(server), letter)
  expect(outcome).toBe('refused')
  expect(reply?.text).toMatch(/^page 0 x/)
  for (const text of [reply?.text, recipients[0]?.reply?.text]) expect(text?.length).toBeLessThan(3000)
})

test('commands smuggled in behind STARTTLS in the open are not heard', async () => {
  const heard: string[] = []
  await using server = await startScripted(socket => {
    lines('220 hi', '250-hi\r\n250 STARTTLS', '220 go ahead\r\n250-evil\r\n250 AUTH PLAIN')(socket)
    socket.on('data', chunk => heard.push(chunk.toString('latin1')))
  })
  expect(await submitOverSmtp(via(server, { tls: 'starttls', login }), letter, { deadlineMs: 1500 })).toMatchObject({ outcome: 'waiting', phase: 'tls' })
  expect(heard.join('')).not.toMatch(/AUTH|MAIL/)
})

test('a server that goes mad on a warm connection does not take the next message with it', async () => {
  let messages = 0
  await using server = await startScripted(socket => {
    socket.write('220 hi\r\n')
    socket.on('data', chunk => {
      const text = chunk.toString('latin1')
      if (/^DATA/im.test(text)) return void socket.write('354 go\r\n')
      if (!text.endsWith('.\r\n')) return void socket.write('250 ok\r\n')
      messages++
      socket.write('250 taken\r\n250 and one more\r\n250 and another\r\n') // unsolicited: nobody may take these for an answer
    })
  })
  const sessions = new SessionPool().of('one', via(server))
  for (let i = 0; i < 3; i++) expect(await submitOverSmtp(via(server), letter, { sessions, deadlineMs: 3000 })).toMatchObject({ outcome: 'accepted' })
  expect(messages).toBe(3)
})

test('a server that waits for a body though it took no recipient gets none, and the next message another connection', async () => {
  const heard: string[] = []
  await using server = await startScripted(socket => {
    const connection = heard.push('') - 1
    socket.write('220 hi\r\n')
    socket.on('data', chunk => {
      const text = chunk.toString('latin1')
      heard[connection] += text
      if (/^EHLO/.test(text)) return void socket.write('250-hi\r\n250 PIPELINING\r\n')
      if (text.endsWith('\r\n.\r\n')) return void socket.write('250 taken\r\n')
      if (/^MAIL/.test(text)) socket.write(`250 ok\r\n${/RCPT TO:<nikt/.test(text) ? '550 5.1.1 nobody' : '250 ok'}\r\n354 go\r\n`)
    })
  })
  const sessions = new SessionPool().of('one', via(server))
  const toNobody = { ...letter, recipients: ['nikt@example.test'] }
  expect(await submitOverSmtp(via(server), toNobody, { sessions, deadlineMs: 3000 })).toMatchObject({ outcome: 'refused', reply: { code: 550 } })
  expect(await submitOverSmtp(via(server), letter, { sessions, deadlineMs: 3000 })).toMatchObject({ outcome: 'accepted' })
  expect(heard).toEqual([expect.not.stringContaining('RSET'), expect.stringContaining(letter.raw.toString())])
})

test.each(['klient@example.test> NOTIFY=NEVER', 'klient@example.test\r\nRCPT TO:<obcy@example.test', 'kli\0ent@example.test', '<klient@example.test'])(
  'the address %j is said to no server',
  async address => {
    await using server = await startScripted(usualUntil(/NOTHING/, say('')))
    for (const envelope of [{ recipients: [address] }, { envelopeSender: address }]) {
      const result = await submitOverSmtp(via(server), { ...letter, ...envelope }, { deadlineMs: 3000 })
      expect(result).toMatchObject({ outcome: 'waiting', phase: 'mail', errorCode: 'protocol', reply: null })
    }
  },
)

test('where one recipient is refused for good and the other for now, the message waits', async () => {
  for (const refused of [/nikt/, /klient/]) {
    await using server = await startScripted(socket => {
      usualUntil(/^RCPT/, () => undefined)(socket)
      socket.on('data', chunk => {
        const text = chunk.toString('latin1')
        if (/^RCPT/.test(text)) socket.write(refused.test(text) ? '550 5.1.1 nobody\r\n' : '450 4.2.1 later\r\n')
      })
    })
    const both = { ...letter, recipients: ['nikt@example.test', 'klient@example.test'] }
    expect(await submitOverSmtp(via(server), both, { deadlineMs: 3000 })).toMatchObject({ outcome: 'waiting', reply: { code: 450 } })
  }
})
