import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import { expect, test } from 'vitest'
import { certificateFor } from '@/lib/testing/certificate'
import { lines, startScripted, startSmarthost, startUntilDot } from '@/lib/testing/smtp-server'
import type { ConversationStep } from './conversation'
import type { Submission, SubmissionServer } from './submission'
import { submitOverSmtp } from './submit-over-smtp'

const letter: Submission = {
  envelopeSender: 'anna@acme.test',
  recipients: ['klient@example.test'],
  raw: Buffer.from('From: anna@acme.test\r\nSubject: Faktura\r\nMessage-ID: <1@acme.test>\r\n\r\n.first dot\r\nlast line'),
}
const login = { username: 'anna@acme.test', password: 'sesam-otwórz' }
const via = (server: { host: string; port: number }, rest: Partial<SubmissionServer> = {}): SubmissionServer => ({
  host: server.host,
  port: server.port,
  tls: 'starttls',
  login: null,
  trust: 'sandbox',
  ...rest,
})
const textOf = (steps: ConversationStep[]) => JSON.stringify(steps)

test.each(['starttls', 'implicit', 'none'] as const)('a message is accepted over tls=%s, with every step written down', async tls => {
  await using smarthost = await startSmarthost({ tls, users: { [login.username]: login.password } })
  const heard: string[] = []
  const result = await submitOverSmtp(via(smarthost, { tls, login }), letter, {
    onStep: (position, step) => heard.push(`${position} ${step.phase} ${step.state}`),
  })
  expect(result).toMatchObject({ outcome: 'accepted', blame: 'nobody', phase: 'reply', reply: { code: 250 } })
  expect(smarthost.received).toHaveLength(1)
  expect(smarthost.received[0]).toMatchObject({
    envelopeSender: 'anna@acme.test',
    envelopeRecipients: ['klient@example.test'],
    username: login.username,
    isSecure: tls !== 'none',
  })
  expect(smarthost.received[0]?.raw).toContain('.first dot')
  expect(smarthost.received[0]?.raw).not.toContain('..first')
  const phases = ['dns', 'connect', ...(tls === 'none' ? [] : ['tls']), 'ehlo', 'auth', 'mail', 'rcpt', 'data', 'reply']
  expect(result.steps.map(({ phase, state }) => `${phase} ${state}`)).toEqual(phases.map(phase => `${phase} done`))
  expect(heard, 'a step is told when it begins').toContain('0 dns running')
  const encryption = result.steps.find(({ phase }) => phase === 'tls')
  if (tls !== 'none') expect(encryption?.facts).toMatchObject({ protocol: 'TLSv1.3', certificate: { subject: 'localhost', issuer: 'Posthorn test authority' } })
  expect(result.tls).toBe(tls === 'none' ? null : `${encryption?.facts.protocol} ${encryption?.facts.cipher}`)
})

test.each([
  ['mail', 451, 'waiting'],
  ['mail', 550, 'refused'],
  ['rcpt', 451, 'waiting'],
  ['rcpt', 550, 'refused'],
  ['reply', 452, 'waiting'],
  ['reply', 554, 'refused'],
] as const)('a reply in %s of %i means %s', async (phase, code, outcome) => {
  const reply = { code, text: '4.7.1 as told' }
  await using smarthost = await startSmarthost({ [{ mail: 'mailReply', rcpt: 'rcptReply', reply: 'dataReply' }[phase]]: reply })
  const result = await submitOverSmtp(via(smarthost), letter)
  expect(result).toMatchObject({ outcome, phase, reply: { code }, recipients: [{ outcome }] })
  expect(smarthost.received).toHaveLength(0)
})

test('one refused recipient does not keep the mail from the other', async () => {
  await using smarthost = await startSmarthost({ rcptReply: address => (address.startsWith('nikt') ? { code: 550, text: '5.1.1 unknown' } : null) })
  const result = await submitOverSmtp(via(smarthost), { ...letter, recipients: ['nikt@example.test', 'klient@example.test'] })
  expect(result.outcome).toBe('accepted')
  expect(result.recipients).toMatchObject([
    { address: 'nikt@example.test', outcome: 'refused', reply: { code: 550, enhancedStatus: '5.1.1' } },
    { address: 'klient@example.test', outcome: 'accepted' },
  ])
  expect(smarthost.received[0]?.envelopeRecipients).toEqual(['klient@example.test'])
})

test('a refused password is the account’s fault, and the mail waits', async () => {
  await using smarthost = await startSmarthost({ users: { [login.username]: 'another' } })
  const result = await submitOverSmtp(via(smarthost, { login }), letter)
  expect(result).toMatchObject({
    outcome: 'waiting',
    blame: 'account',
    pauseReason: 'loginRefused',
    phase: 'auth',
    reply: { code: 535, enhancedStatus: '5.7.8' },
  })
})

test('a sign-in that the server puts off is nobody’s fault', async () => {
  await using smarthost = await startSmarthost({ users: {}, authReply: { code: 454, text: '4.7.0 Temporary authentication failure' } })
  expect(await submitOverSmtp(via(smarthost, { login }), letter)).toMatchObject({ outcome: 'waiting', blame: 'server', pauseReason: null, phase: 'auth' })
})

test('a server that wants a login which is not set pauses the account', async () => {
  await using smarthost = await startSmarthost({ users: { [login.username]: login.password } })
  expect(await submitOverSmtp(via(smarthost), letter)).toMatchObject({ outcome: 'waiting', pauseReason: 'loginRefused', phase: 'mail', reply: { code: 530 } })
})

test.each([
  ['the command refused', '502 5.5.1 not here', 'tlsFailed'],
  ['plain text where encryption should begin', '220 go ahead\r\n250-hi\r\n250 AUTH PLAIN', null],
])('with STARTTLS stripped, %s, the password is never sent', async (_what, afterStarttls, pauseReason) => {
  const heard: string[] = []
  await using server = await startScripted(socket => {
    lines('220 hi', '250-hi\r\n250 AUTH PLAIN', afterStarttls)(socket)
    socket.on('data', chunk => heard.push(chunk.toString('latin1')))
  })
  const result = await submitOverSmtp(via(server, { login }), letter, { deadlineMs: 2000 })
  expect(result).toMatchObject({ outcome: 'waiting', phase: 'tls', pauseReason })
  expect(heard.join('')).not.toMatch(/AUTH|MAIL/)
})

test('a set login is never skipped: without AUTH on offer nothing is sent', async () => {
  const heard: string[] = []
  await using server = await startScripted(socket => {
    lines('220 hi', '250 just me', '250 ok', '250 ok', '354 go', '250 thanks')(socket)
    socket.on('data', chunk => heard.push(chunk.toString()))
  })
  const result = await submitOverSmtp(via(server, { tls: 'none', login }), letter)
  expect(result).toMatchObject({ outcome: 'waiting', blame: 'account', pauseReason: 'loginRefused', phase: 'auth', errorCode: 'authNotOffered' })
  expect(heard.join('')).not.toMatch(/AUTH|MAIL/)
})

test.each([
  ['another name', { certificateNames: ['elsewhere.test'] }, 'certificateName'],
  ['an unknown authority', { certificateIsUntrusted: true }, 'certificateUntrusted'],
  ['last year’s date', { certificateIsExpired: true }, 'certificateExpired'],
] as const)('a certificate with %s gets neither password nor mail', async (_what, behaviour, errorCode) => {
  for (const tls of ['starttls', 'implicit'] as const) {
    await using smarthost = await startSmarthost({
      ...behaviour,
      certificateNames: 'certificateNames' in behaviour ? [...behaviour.certificateNames] : undefined,
      tls,
      users: {},
    })
    const result = await submitOverSmtp(via(smarthost, { tls, login }), letter)
    expect(result, tls).toMatchObject({ outcome: 'waiting', pauseReason: 'tlsFailed', phase: 'tls', errorCode })
    expect(smarthost.logins).toHaveLength(0)
  }
})

test('TLS older than 1.2 is refused', async () => {
  const server = createServer({ ...(await certificateFor(['localhost'])), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as { port: number }
  expect(await submitOverSmtp(via({ host: 'localhost', port }, { tls: 'implicit' }), letter)).toMatchObject({
    phase: 'tls',
    pauseReason: 'tlsFailed',
    errorCode: 'tlsProtocol',
  })
  server.close()
})

test.each(['starttls', 'implicit', 'none'] as const)('a silent server meets the deadline (tls=%s)', async tls => {
  await using server = await startScripted(() => undefined)
  const result = await submitOverSmtp(via(server, { tls }), letter, { deadlineMs: 150 })
  expect(result).toMatchObject({ outcome: 'waiting', blame: 'server', pauseReason: null, errorCode: 'deadline' })
  expect(result.durationMs).toBeLessThan(3000)
})

test('a server that drips its banner meets the deadline too', async () => {
  await using server = await startScripted(socket => {
    const dripping = setInterval(() => socket.write('220-x\r\n'), 20)
    socket.on('close', () => clearInterval(dripping))
  })
  expect(await submitOverSmtp(via(server, { tls: 'none' }), letter, { deadlineMs: 200 })).toMatchObject({ outcome: 'waiting', errorCode: 'deadline' })
})

test('nobody at the port: the mail waits', async () => {
  const gone = await startScripted(() => undefined)
  await gone[Symbol.asyncDispose]()
  expect(await submitOverSmtp(via(gone), letter)).toMatchObject({ outcome: 'waiting', blame: 'server', phase: 'connect', errorCode: 'connectionRefused' })
})

test.each([
  ['Subject: Żądanie', 'x', ['8BITMIME', 'SMTPUTF8', 'SIZE'], ' BODY=8BITMIME SIZE=47', 'a header in UTF-8 goes on as it came'],
  ['Subject: Zadanie', 'żądanie', ['8BITMIME', 'SMTPUTF8'], ' BODY=8BITMIME', 'a text beyond ASCII does not need it'],
  ['Subject: Zadanie', 'x', ['8BITMIME', 'SMTPUTF8'], '', 'nor does ASCII'],
  ['Subject: Żądanie', 'x', [], '', 'a server that does not offer it gets the message all the same'],
])('"%s", %s, to a server that offers %j: MAIL ends with "%s", for %s', async (subject, text, offers, ending, why) => {
  const heard: string[] = []
  await using server = await startUntilDot(socket => socket.write('250 ok\r\n'), { offers: ['there', ...offers], heard })
  const raw = Buffer.from(`From: anna@acme.test\r\n${subject}\r\n\r\n${text}\r\n`)
  expect(await submitOverSmtp(via(server, { tls: 'none' }), { ...letter, raw })).toMatchObject({ outcome: 'accepted' })
  expect(heard, why).toContain(`MAIL FROM:<anna@acme.test>${ending}`)
})

test('a server that thinks longer about a message than all the rest may take is waited for', async () => {
  await using server = await startUntilDot(socket => void setTimeout(() => socket.write('250 ok\r\n'), 1500))
  expect(await submitOverSmtp(via(server, { tls: 'none' }), letter, { deadlineMs: 1000 })).toMatchObject({ outcome: 'accepted' })
})

test('an engine that stops waits only a last while for what a server thinks', async () => {
  const stop = new AbortController()
  await using server = await startUntilDot(() => stop.abort())
  const result = await submitOverSmtp(via(server, { tls: 'none' }), letter, { signal: stop.signal, lastAnswerMs: 100 })
  expect(result).toMatchObject({ outcome: 'unknown', errorCode: 'stopped', dataEnded: true })
})

test('an answer lost after the final dot is unknown', async () => {
  await using server = await startUntilDot(socket => socket.destroy())
  const marks: string[] = []
  const result = await submitOverSmtp(via(server, { tls: 'none' }), letter, { beforeDataEnd: async () => void marks.push('ending') })
  expect(marks).toEqual(['ending'])
  expect(result).toMatchObject({ outcome: 'unknown', phase: 'reply', reply: null, dataEnded: true, recipients: [{ outcome: 'unknown' }] })
})

test('a server that hangs up while the mark is made never had the final dot', async () => {
  let gone: Promise<unknown> = Promise.resolve()
  await using server = await startScripted(socket => {
    gone = once(socket, 'close')
    socket.write('220 hi\r\n')
    socket.on('data', chunk => (/^DATA/im.test(chunk.toString()) ? socket.end('354 go\r\n') : socket.write('250 ok\r\n')))
  })
  const result = await submitOverSmtp(via(server, { tls: 'none' }), letter, { beforeDataEnd: async () => void (await gone) })
  expect(result).toMatchObject({ outcome: 'waiting', errorCode: 'connectionLost', dataEnded: false })
})

test.each([
  ['250 2.0.0 queued already', 'waiting', 'nothing can have been accepted that the server has not got'],
  ['550 5.7.1 no', 'refused', 'a server may refuse in the middle'],
])('a server that says "%s" while the mark is made never gets the final dot, and the message is %s: %s', async (said, outcome) => {
  let mailing: Socket | undefined
  let isDotSeen = false
  await using server = await startScripted(socket => {
    socket.setNoDelay().write('220 hi\r\n')
    socket.on('data', chunk => {
      const isData = /^DATA/im.test(chunk.toString())
      if (mailing) isDotSeen = true
      else socket.write(isData ? '354 go\r\n' : '250 ok\r\n')
      if (isData) mailing = socket
    })
  })
  const beforeDataEnd = async () => {
    mailing?.write(`${said}\r\n`)
    const other = connect(server.port, server.host)
    await once(other, 'data') // what was said before that on the first connection has come, too
    other.destroy()
  }
  const result = await submitOverSmtp(via(server, { tls: 'none' }), letter, { beforeDataEnd })
  expect(result).toMatchObject({ outcome, phase: 'data', dataEnded: false })
  expect(isDotSeen).toBe(false)
})

test('a mark that cannot be made keeps the final dot back', async () => {
  let dots = 0
  await using server = await startUntilDot(() => dots++)
  const result = await submitOverSmtp(via(server, { tls: 'none' }), letter, { beforeDataEnd: () => Promise.reject(new Error('the lease is gone')) })
  expect(result).toMatchObject({ outcome: 'waiting', phase: 'data', dataEnded: false })
  expect(dots).toBe(0)
})

test('an answer before the message ended is no acceptance', async () => {
  await using server = await startScripted(lines('220 hi', '250 hi', '250 ok', '250 ok', '354 go\r\n250 queued already'))
  const result = await submitOverSmtp(via(server, { tls: 'none' }), { ...letter, raw: Buffer.alloc(5_000_000, 'x\r\n') }, { deadlineMs: 3000 })
  expect(result.outcome).not.toBe('accepted')
})

test('no secret in any step, however it comes back', async () => {
  const bytes = Buffer.from(login.password)
  const plain = Buffer.from(`\0${login.username}\0${login.password}`)
  const forms = [login.password, ...(['base64', 'base64url', 'hex'] as const).flatMap(form => [bytes.toString(form), plain.toString(form)])]
  forms.push(encodeURIComponent(login.password), bytes.toString('base64').replace(/=+$/, ''))
  for (const authMethods of [['PLAIN'], ['LOGIN'], ['CRAM-MD5']]) {
    await using smarthost = await startSmarthost({ users: {}, authMethods, authReply: { code: 535, text: `5.7.8 no: ${forms.join(' ')}` } })
    const result = await submitOverSmtp(via(smarthost, { login }), letter)
    expect(result.phase).toBe('auth')
    const all = JSON.stringify(result)
    for (const form of forms) expect(all, authMethods[0]).not.toContain(form)
    if (authMethods[0] !== 'CRAM-MD5') expect(all).toContain('[[secret]]')
  }
})

test.each(['a', 'ok', '5'])('the password %j is hidden where it stands by itself, and the words around stay readable', async short => {
  const said = `authentication of anna not okay: ${short}, "${short}"; see mail-5.example.test`
  await using smarthost = await startSmarthost({ users: {}, authMethods: ['LOGIN'], authReply: { code: 535, text: said } })
  const result = await submitOverSmtp(via(smarthost, { login: { ...login, password: short } }), letter)
  expect(result.reply).toMatchObject({ enhancedStatus: '5.7.8', text: 'authentication of anna not okay: [[secret]], "[[secret]]"; see mail-5.example.test' })
  const heard = result.steps.flatMap(({ lines }) => lines).map(({ text }) => text)
  expect(heard).toContain('535 5.7.8 authentication of anna not okay: [[secret]], "[[secret]]"; see mail-5.example.test')
  expect(heard.join(' '), 'nor as it travels').not.toContain(Buffer.from(short).toString('base64'))
})

test('control characters, escapes and long answers are shown as text', async () => {
  await using server = await startScripted(lines('220 hi', '250 hi', `550 5.1.1 \x1b[31mred\x07 <script>\u202e ${'x'.repeat(9000)}`))
  const result = await submitOverSmtp(via(server, { tls: 'none' }), letter)
  const shown = `${result.reply?.text}${textOf(result.steps)}`
  expect(result.reply?.text).toContain('␛[31mred␇ <script>')
  expect(shown).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f\u202e]/)
  expect(result.reply?.text.length).toBeLessThanOrEqual(2048)
})

test.each([3, 4])('an answer that is cut within an emoji has no half of one (%i letters before)', async before => {
  await using server = await startScripted(
    lines('220 hi', '250 hi', `550-${'x'.repeat(before)}${'😀'.repeat(490)}\r\n550-${'y'.repeat(990)}\r\n550 ${'😀'.repeat(100)}`),
  )
  const result = await submitOverSmtp(via(server, { tls: 'none' }), letter)
  expect(result.reply?.text).toMatch(/^x+😀/)
  expect(result.reply?.text.isWellFormed()).toBe(true)
})

test('an endless answer is cut, not kept', async () => {
  await using server = await startScripted(socket => {
    const line = `220-${'a'.repeat(500)}\r\n`.repeat(50)
    socket.on('drain', () => socket.write(line))
    for (let i = 0; i < 20; i++) socket.write(line)
  })
  const result = await submitOverSmtp(via(server, { tls: 'none' }), letter, { deadlineMs: 5000 })
  expect(result).toMatchObject({ outcome: 'waiting', blame: 'server' })
  expect(textOf(result.steps).length).toBeLessThan(300_000)
})

test('a name that a stranger chose is not looked up past the guard', async () => {
  expect(await submitOverSmtp(via({ host: 'localhost', port: 22 }, { trust: 'live' }), letter)).toMatchObject({
    outcome: 'waiting',
    phase: 'dns',
    errorCode: 'portNotAdmitted',
  })
})

test('an access token signs in by XOAUTH2, and stands in no step in any form', async () => {
  await using smarthost = await startSmarthost({ checkToken: () => null })
  const heard: string[] = []
  const token = { username: 'anna@acme.test', accessToken: 'eyJ0eXAi.a-token_of.Microsoft~1' }
  const result = await submitOverSmtp(via(smarthost, { login: token }), letter, { onStep: (_, step) => heard.push(JSON.stringify(step)) })
  expect(result.outcome).toBe('accepted')
  expect(smarthost.logins).toMatchObject([{ ...token, method: 'XOAUTH2', isSecure: true }])
  expect(result.steps.find(({ phase }) => phase === 'auth')?.facts).toMatchObject({ username: 'anna@acme.test', mechanism: 'XOAUTH2' })
  const written = heard.join() + textOf(result.steps)
  for (const form of [token.accessToken, Buffer.from(`user=anna@acme.test\u0001auth=Bearer ${token.accessToken}\u0001\u0001`).toString('base64')]) {
    expect(written).not.toContain(form)
  }
})

test.each(['challenge', 'at once'] as const)('a token refused by %s is followed by the next one on the same connection', async how => {
  const refusal = how === 'challenge' ? 'challenge' : { code: 535, text: '5.7.3 Authentication unsuccessful for tok-old' }
  await using smarthost = await startSmarthost({ checkToken: token => (token === 'tok-new' ? null : refusal) })
  const accepted: string[] = []
  const renewed = { username: 'anna@acme.test', accessToken: 'tok-new', accepted: async () => void accepted.push('tok-new') }
  const result = await submitOverSmtp(
    via(smarthost, { login: { username: 'anna@acme.test', accessToken: 'tok-old', refused: async reply => (reply?.code === 535 ? renewed : null) } }),
    letter,
  )
  expect(result.outcome).toBe('accepted')
  expect(smarthost.logins.map(({ accessToken }) => accessToken)).toEqual(['tok-old', 'tok-new'])
  expect(smarthost.connections).toBe(1)
  expect(accepted, 'what worked is told').toEqual(['tok-new'])
  expect(textOf(result.steps)).not.toMatch(/tok-(old|new)/)
})

test('a token refused for good is the fault of the account; one put off waits with the server', async () => {
  await using smarthost = await startSmarthost({ checkToken: () => ({ code: 535, text: '5.7.139 Authentication unsuccessful' }) })
  const server = via(smarthost, { login: { username: 'anna@acme.test', accessToken: 'tok', refused: async () => null } })
  expect(await submitOverSmtp(server, letter)).toMatchObject({ phase: 'auth', reply: { code: 535, enhancedStatus: '5.7.139' }, pauseReason: 'loginRefused' })
  smarthost.behave({ checkToken: () => ({ code: 454, text: '4.7.0 Temporary authentication failure' }) })
  expect(await submitOverSmtp(server, letter)).toMatchObject({ phase: 'auth', outcome: 'waiting', blame: 'server' })
})
