import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { messages } from '@/db/schema'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { atData, makeKey, plain, programOf, signedIn, startTestDoor, type Talk, talkTo } from '@/lib/testing/door'

const letter = 'From: anna@acme.test\r\nTo: k@example.test\r\nSubject: x\r\n\r\nHello\r\n'

test('a key is never asked for in the open', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await talkTo(door.starttlsPort, { tls: false })
  const offered = await talk.say('EHLO erp.test\r\n')
  expect(offered).toContain('STARTTLS')
  expect(offered).not.toContain('AUTH')
  expect(await talk.say(plain('ANNA@acme', key)), 'a right key in the open opens nothing').toMatch(/^5\d\d /)
  expect(await talk.say('MAIL FROM:<anna@acme.test>\r\n')).toMatch(/^530 5\.7\.0 .*STARTTLS/)
})

test('over TLS the door offers what it does', async () => {
  await using db = await testDb()
  await using door = await startTestDoor(db)
  await using talk = await talkTo(door.tlsPort)
  const offered = (await talk.say('EHLO erp.test\r\n')).split('\r\n').map(line => line.slice(4))
  expect(offered).toEqual(['localhost', 'PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'DSN', 'AUTH PLAIN LOGIN', 'SIZE 41943040'])
  expect(await talk.say('MAIL FROM:<anna@acme.test>\r\n')).toMatch(/^530 5\.7\.0 Sign in first/)
  for (const command of ['XCLIENT ADDR=10.0.0.1', 'WIZ x', 'SHELL']) expect(await talk.say(`${command}\r\n`)).toMatch(/^50\d /)
})

test('what was slipped in before TLS counts for nothing', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await talkTo(door.starttlsPort, { tls: false })
  await talk.say('EHLO erp.test\r\n')
  expect(await talk.say(`STARTTLS\r\nEHLO evil.test\r\n${plain('ANNA@acme', key)}`)).toMatch(/^220/)
  talk.socket.removeAllListeners('data')
  const secure = connectTls({ socket: talk.socket, host: 'localhost', servername: 'localhost' })
  const heard = await new Promise<string>((resolve, reject) => {
    secure.on('error', reject)
    secure.once('data', chunk => resolve(chunk.toString()))
    secure.once('secureConnect', () => secure.write('MAIL FROM:<anna@acme.test>\r\n'))
  })
  expect(heard, 'neither greeted nor signed in').toMatch(/^503 /)
  secure.destroy()
})

test('one message in one piece: a program may send all its commands at once', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await signedIn(door, key)
  talk.socket.write(`MAIL FROM:<anna@acme.test>\r\nRCPT TO:<k@example.test>\r\nRCPT TO:<not an address>\r\nDATA\r\n`)
  expect([await talk.hear(), await talk.hear(), await talk.hear(), await talk.hear()].map(line => line.slice(0, 3))).toEqual(['250', '250', '501', '354'])
  talk.socket.write(`${letter}.\r\nMAIL FROM:<anna@acme.test>\r\n`)
  expect(await talk.hear()).toMatch(/^250 2\.0\.0 queued/)
  expect(await talk.hear()).toMatch(/^250 2\.1\.0/)
})

test.each(['\n.\n', '\r.\r', '\n.\r\n', '\r\n.\n'])('a message hidden behind %j is no second message', async end => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await atData(door, key)
  const hidden = `MAIL FROM:<anna@acme.test>\r\nRCPT TO:<victim@example.test>\r\nDATA\r\n${letter}`
  expect(await talk.say(`${letter.trimEnd()}${end}${hidden}.\r\n`)).toMatch(/^550 5\.6\.11 /)
  expect(await talk.say('NOOP\r\n'), 'nothing more was answered meanwhile').toMatch(/^250 2\.0\.0 OK/)
  expect(await db.select().from(messages)).toHaveLength(0)
})

test('a NUL in a message is named as what it is', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await atData(door, key)
  expect(await talk.say(`${letter}a\0b\r\n.\r\n`)).toMatch(/^550 5\.6\.0 .*NUL/)
})

test('a message that is too large is refused by its announced size, and by its real one', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await signedIn(door, key)
  expect(await talk.say('MAIL FROM:<anna@acme.test> SIZE=41943041\r\n')).toMatch(/^552 5\.3\.4/)
  await talk.say('MAIL FROM:<anna@acme.test> SIZE=10\r\n')
  await talk.say('RCPT TO:<k@example.test>\r\n')
  await talk.say('DATA\r\n')
  talk.socket.write(letter)
  const megabyte = Buffer.from(`${'x'.repeat(1022)}\r\n`.repeat(1024))
  for (let sent = 0; sent <= 40; sent++) if (!talk.socket.write(megabyte)) await new Promise(resolve => talk.socket.once('drain', resolve))
  expect(await talk.say('.\r\n')).toMatch(/^552 5\.3\.4/)
  expect(await talk.say('NOOP\r\n')).toMatch(/^250/)
  expect(await db.select().from(messages)).toHaveLength(0)
})

test('only so much comes in at once: the rest is to try again', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db, { bytesAtOnce: 110_000 })
  const program = programOf(door, 'ANNA@acme', key)
  const send = (bytes: number) => program.sendMail({ from: 'anna@acme.test', to: 'k@example.test', subject: 'x', text: 'x'.repeat(bytes) })
  await expect(send(200_000)).rejects.toMatchObject({ response: expect.stringMatching(/^452 4\.3\.1/) })
  for (let count = 0; count < 3; count++) await send(50_000) // what was held has been given back
})

test('a company whose messages come in without end keeps nobody else out', async () => {
  await using db = await testDb()
  const [acme, beta] = [await makeCompany(db), await makeCompany(db, 'beta')]
  const [own, other] = [await makeKey(db, acme.admin), await makeKey(db, beta.admin)]
  await using door = await startTestDoor(db, { bytesAtOnce: 100_000 })
  await using first = await atData(door, own.key)
  await using second = await atData(door, own.key)
  first.socket.write(`${letter}${'x'.repeat(40_000)}`)
  expect(await second.say(`${letter}${'x'.repeat(40_000)}\r\n.\r\n`), 'half of all is for one company').toMatch(/^452 4\.3\.1/)
  const sent = programOf(door, 'ANNA@beta', other.key).sendMail({ from: 'anna@beta.test', to: 'k@example.test', subject: 'x', text: 'x'.repeat(20_000) })
  await expect(sent).resolves.toMatchObject({ accepted: ['k@example.test'] })
  expect(await first.say('\r\n.\r\n'), 'and what had begun is taken').toMatch(/^250/)
})

test('companies whose messages come in without end keep the next one’s invoice out as little', async () => {
  await using db = await testDb()
  await using door = await startTestDoor(db, { bytesAtOnce: 100_000 })
  const [acme, beta, gamma] = await Promise.all(
    ['acme', 'beta', 'gamma'].map(async slug => {
      const { admin } = await makeCompany(db, slug)
      const { key } = await makeKey(db, admin)
      return {
        key,
        send: (bytes: number) => programOf(door, `ANNA@${slug}`, key).sendMail({ from: `anna@${slug}.test`, to: 'k@example.test', text: 'x'.repeat(bytes) }),
      }
    }),
  )
  const open: Talk[] = []
  for (const [i, one] of [acme, beta].entries()) {
    const talk = await talkTo(door.tlsPort)
    open.push(talk)
    await talk.say('EHLO erp.test\r\n')
    await talk.say(plain(`ANNA@${['acme', 'beta'][i]}`, one?.key ?? ''))
    await talk.say(`MAIL FROM:<anna@${['acme', 'beta'][i]}.test>\r\n`)
    await talk.say('RCPT TO:<k@example.test>\r\n')
    await talk.say('DATA\r\n')
    talk.socket.write(`${letter}${'x'.repeat(48_000)}`)
    await expect(one?.send(30_000)).rejects.toMatchObject({ response: expect.stringMatching(/^452 4\.3\.1/) })
  }
  await expect(gamma?.send(10_000)).resolves.toMatchObject({ accepted: ['k@example.test'] })
  for (const talk of open) talk.socket.destroy()
})

test('a message that comes drop by drop ends in time, and what was held is given back', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db, { bytesAtOnce: 100_000, messageWithinMs: 300 })
  await using slow = await atData(door, key)
  slow.socket.write(`${letter}${'x'.repeat(40_000)}`)
  const dripping = setInterval(() => slow.socket.write('x'), 20)
  expect(await slow.hear()).toMatch(/^421 4\.4\.2/)
  clearInterval(dripping)
  await using next = await atData(door, key)
  expect(await next.say(`${letter}${'x'.repeat(40_000)}\r\n.\r\n`)).toMatch(/^250/)
  expect(await db.select().from(messages)).toHaveLength(1)
})

test('who asks for what the door does not offer is told so', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await signedIn(door, key)
  for (const parameter of ['REQUIRETLS', 'BY=120;R', 'X=1', 'NOTIFY=NEVER']) {
    expect(await talk.say(`MAIL FROM:<anna@acme.test> ${parameter}\r\n`), parameter).toMatch(/^5\d\d 5\.5\.4 /)
  }
  expect(await talk.say('MAIL FROM:<anna@acme.test> SIZE=200 BODY=8BITMIME SMTPUTF8 AUTH=<> RET=HDRS ENVID=abc\r\n')).toMatch(/^250/)
  expect(await talk.say('RCPT TO:<k@example.test> RET=HDRS\r\n')).toMatch(/^5\d\d 5\.5\.4 /)
  expect(await talk.say('RCPT TO:<k@example.test> NOTIFY=FAILURE ORCPT=rfc822;k@example.test\r\n')).toMatch(/^250/)
})

test.each([
  ['ENVID', `ENVID=${'x'.repeat(101)}`, false],
  ['ENVID', `ENVID=${'x'.repeat(100)}`, true],
  ['ENVID', `ENVID=${'+2B'.repeat(33)}x`, true],
  ['ENVID', `ENVID=${'+2B'.repeat(34)}`, false],
  ['ENVID', 'ENVID=a+E9', false],
  ['ENVID', 'ENVID=zażółć', false],
  ['ORCPT', `ORCPT=rfc822;${'x'.repeat(494)}`, false],
  ['ORCPT', `ORCPT=rfc822;${'x'.repeat(493)}`, true],
  ['ORCPT', 'ORCPT=rfc822;k+E9@example.test', false],
  ['ORCPT', 'ORCPT=utf-8;k\\x{17C}@example.test', true],
])('an %s that the next server would refuse is refused here: %s', async (name, parameter, isTaken) => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await signedIn(door, key)
  if (name === 'ORCPT') await talk.say('MAIL FROM:<anna@acme.test>\r\n')
  const command = name === 'ENVID' ? 'MAIL FROM:<anna@acme.test>' : 'RCPT TO:<k@example.test>'
  expect(await talk.say(`${command} ${parameter}\r\n`)).toMatch(isTaken ? /^250/ : new RegExp(`^501 5\\.5\\.4 ${name} `))
})

test('what a refused MAIL FROM asked for goes with no other message', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await signedIn(door, key)
  expect(await talk.say('MAIL FROM:<evil@acme.test> RET=FULL ENVID=evil\r\n')).toMatch(/^550 5\.7\.1/)
  expect(await talk.say('MAIL FROM:<anna@acme.test> RET=FULL ENVID=evil X=1\r\n')).toMatch(/^555 5\.5\.4/)
  await talk.say('MAIL FROM:<anna@acme.test>\r\n')
  await talk.say('RCPT TO:<k@example.test>\r\n')
  await talk.say('DATA\r\n')
  expect(await talk.say(`${letter}.\r\n`)).toMatch(/^250/)
  expect((await db.select().from(messages))[0]?.dsn).toBeNull()
})

test('a program that goes away in the middle of a message leaves nothing behind', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db, { bytesAtOnce: 120_000 })
  for (let count = 0; count < 3; count++) {
    const talk = await atData(door, key)
    talk.socket.end(`${letter}${'x'.repeat(40_000)}`)
    await talk.ended
  }
  const send = () =>
    programOf(door, 'ANNA@acme', key)
      .sendMail({ from: 'anna@acme.test', to: 'k@example.test', subject: 'x', text: 'x'.repeat(30_000) })
      .then(
        () => 'taken',
        () => 'refused',
      )
  await expect.poll(send).toBe('taken')
  expect(await db.select().from(messages)).toHaveLength(1)
})

test('nonsense gets an answer and does no harm', async () => {
  await using db = await testDb()
  await using door = await startTestDoor(db)
  const nonsense = [
    'GET / HTTP/1.1',
    `MAIL FROM:<${'a'.repeat(20_000)}@acme.test>`,
    'EHLO',
    '\x00\xff\xfe',
    'AUTH PLAIN !!!',
    'DATA',
    'RCPT TO:<k@example.test>',
  ]
  for (const line of nonsense) {
    await using talk = await talkTo(door.tlsPort)
    expect(await talk.say(`${line}\r\n`), line.slice(0, 40)).toMatch(/^[45]\d\d/)
  }
  await using next = await talkTo(door.tlsPort)
  expect(await next.say('EHLO erp.test\r\n')).toMatch(/^250/)
})
