import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { atData, makeKey, plain, programOf, signedIn, startTestDoor, type Talk, talkTo } from '@/lib/testing/door'
import { DoorGuard, usualLimits } from './door-limits'

test('an address has so many connections and no more', async () => {
  await using db = await testDb()
  await using door = await startTestDoor(db, { connectionsPerAddress: 1 })
  const first = await talkTo(door.tlsPort)
  const second = connectTls({ port: door.tlsPort, host: 'localhost' })
  const heard = await new Promise<string>(resolve => second.once('data', chunk => resolve(chunk.toString())))
  expect(heard).toMatch(/^421 4\.7\.0 /)
  second.destroy()
  first.socket.destroy()
  await first.ended
  await expect
    .poll(() =>
      talkTo(door.tlsPort).then(
        () => 'greeted',
        () => 'not yet',
      ),
    )
    .toBe('greeted')
})

test('a company that stays signed in takes no place of others', async () => {
  await using db = await testDb()
  const [acme, beta] = [await makeCompany(db), await makeCompany(db, 'beta')]
  const [own, other] = [await makeKey(db, acme.admin), await makeKey(db, beta.admin)]
  await using door = await startTestDoor(db, { connectionsPerCompany: 2 })
  const [first] = [await signedIn(door, own.key), await signedIn(door, own.key)]
  await expect(programOf(door, 'ANNA@acme', own.key).verify()).rejects.toMatchObject({ response: expect.stringMatching(/^454 4\.7\.0/) })
  await expect(programOf(door, 'ANNA@beta', other.key).verify()).resolves.toBe(true)
  first.socket.destroy()
  await first.ended
  const verified = () => programOf(door, 'ANNA@acme', own.key).verify()
  await expect.poll(() => verified().catch(() => 'not yet'), { message: 'one that leaves makes room' }).toBe(true)
})

test('companies that take all the connections they get leave one for the next', async () => {
  await using db = await testDb()
  await using door = await startTestDoor(db, { connections: 12, connectionsPerAddress: 100 })
  const companies = await Promise.all(['acme', 'beta', 'gamma'].map(slug => makeCompany(db, slug)))
  const programs = await Promise.all(
    companies.map(async ({ admin }, i) => {
      const { key } = await makeKey(db, admin)
      return { user: `ANNA@${['acme', 'beta', 'gamma'][i]}`, key }
    }),
  )
  const talks: Talk[] = []
  for (const { user, key } of programs.slice(0, 2)) {
    for (let answer = '235'; answer.startsWith('235'); ) {
      const talk = await talkTo(door.tlsPort)
      await talk.say('EHLO erp.test\r\n')
      answer = await talk.say(plain(user, key))
      if (answer.startsWith('235')) talks.push(talk)
      else talk.socket.destroy()
      if (!answer.startsWith('235')) expect(answer).toMatch(/^454 4\.7\.0/)
    }
  }
  const [, , third] = programs
  await expect(programOf(door, third?.user ?? '', third?.key ?? '').verify()).resolves.toBe(true)
  for (const talk of talks) talk.socket.destroy()
})

test('an address that connects and says nothing takes no place of others', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db, { connections: 10, connectionsPerAddress: 3 })
  for (const port of [door.tlsPort, door.starttlsPort]) {
    const silent = Array.from({ length: 12 }, () =>
      connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
        .on('error', () => undefined)
        .resume(),
    )
    await Promise.all(silent.map(socket => once(socket, 'connect')))
    await expect(programOf(door, 'ANNA@acme', key, port === door.tlsPort ? 'tls' : 'starttls').verify()).resolves.toBe(true)
    await expect.poll(() => silent.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(6)
    for (const socket of silent) socket.destroy()
  }
})

test('who begins no TLS on the port that wants it at once is sent away when a login is due', async () => {
  await using db = await testDb()
  await using door = await startTestDoor(db, { loginWithinMs: 100 })
  const silent = connect(door.tlsPort, '127.0.0.1').on('error', () => undefined)
  await once(silent.resume(), 'close')
  await using talk = await talkTo(door.tlsPort)
  expect(await talk.say('EHLO erp.test\r\n')).toMatch(/^250/)
})

test('who guesses keys is sent away, and others at the same address are not', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db, { loginsRefused: 4 })
  const answers: string[] = []
  await using talk = await talkTo(door.tlsPort)
  await talk.say('EHLO erp.test\r\n')
  for (let count = 0; count < 3; count++) answers.push(await talk.say(plain('ANNA@acme', `guess${count}`)))
  expect(answers.every(answer => answer.startsWith('535 5.7.8'))).toBe(true)
  expect(await talk.hear()).toMatch(/^421 4\.7\.0/)
  await talk.ended
  await programOf(door, 'ANNA@acme', 'guess3')
    .verify()
    .catch(() => undefined)
  await expect(programOf(door, 'ANNA@acme', key).verify(), 'even the right key waits now').rejects.toMatchObject({
    response: expect.stringMatching(/^454 4\.7\.0/),
  })
  await expect(programOf(door, 'JAN@acme', key).verify()).resolves.toBe(true)
})

test('who says nothing, or never signs in, is sent away', async () => {
  await using db = await testDb()
  await using door = await startTestDoor(db, { idleMs: 300, loginWithinMs: 600 })
  await using silent = await talkTo(door.tlsPort)
  expect(await silent.hear()).toMatch(/^421 /)
  await silent.ended
  await using busy = await talkTo(door.tlsPort)
  const talking = setInterval(() => busy.socket.write('X'), 50)
  expect(await busy.hear(), 'drop by drop is not enough').toMatch(/^421 4\.4\.2/)
  clearInterval(talking)
})

test('who has signed in and hands nothing over gives its place back, however often it says NOOP', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db, { betweenMessagesMs: 200 })
  await using talk = await signedIn(door, key)
  let answer = ''
  while (!answer.startsWith('421')) answer = await talk.say('NOOP\r\n')
  expect(answer).toMatch(/^421 4\.4\.2 /)
  await talk.ended
})

test('who has signed in and sends a command drop by drop gives its place back, too', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db, { betweenMessagesMs: 300, idleMs: 200 })
  await using talk = await signedIn(door, key)
  const dripping = setInterval(() => talk.socket.write('X'), 20)
  expect(await talk.hear()).toMatch(/^421 4\.4\.2 /)
  clearInterval(dripping)
  await talk.ended
})

test('who begins messages and never ends one gives its place back, without beginning another', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db, { withoutMessageMs: 400 })
  await using talk = await signedIn(door, key)
  expect(await talk.say('MAIL FROM:<anna@acme.test>\r\n')).toMatch(/^250 /)
  await talk.say('RSET\r\n')
  expect(await talk.say('MAIL FROM:<anna@acme.test>\r\n')).toMatch(/^250 /)
  expect(await talk.hear(), 'it was silent for far less than half an hour').toMatch(/^421 4\.4\.2 No message was accepted/)
  await talk.ended
})

test('a message that is coming in when the time is over is taken, and gives its session as much again', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db, { withoutMessageMs: 1500 })
  await using slow = await atData(door, key)
  slow.socket.write('From: anna@acme.test\r\n')
  await using later = await signedIn(door, key)
  expect(await later.hear(), 'its time is over, and that of who came before it').toMatch(/^421 4\.4\.2 /)
  expect(await slow.say('Subject: x\r\n\r\nx\r\n.\r\n')).toMatch(/^250 2\.0\.0 queued/)
  expect(await slow.say('MAIL FROM:<anna@acme.test>\r\n')).toMatch(/^250 /)
})

test('a message that is refused when the time is over is the last of its session', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db, { withoutMessageMs: 1500 })
  await using slow = await atData(door, key)
  await using later = await signedIn(door, key)
  await later.ended
  expect(await slow.say('From: piotr@acme.test\r\n\r\nx\r\n.\r\n')).toMatch(/^550 5\.7\.1 /)
  expect(await slow.hear()).toMatch(/^421 4\.4\.2 /)
})

test('who asks for STARTTLS and then begins no TLS is sent away when a login is due', async () => {
  await using db = await testDb()
  await using door = await startTestDoor(db, { loginWithinMs: 300 })
  await using talk = await talkTo(door.starttlsPort, { tls: false })
  await talk.say('EHLO erp.test\r\n')
  expect(await talk.say('STARTTLS\r\n')).toMatch(/^220/)
  await talk.ended
})

test('who is sent away and does not hang up keeps no place', async () => {
  await using db = await testDb()
  await using door = await startTestDoor(db, { loginWithinMs: 200, idleMs: 300, connectionsPerAddress: 1 })
  const clinging = connect({ port: door.starttlsPort, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined)
  await once(clinging.resume(), 'end')
  const answer = async () => {
    await using talk = await talkTo(door.starttlsPort, { tls: false })
    return await talk.say('NOOP\r\n')
  }
  await expect.poll(() => answer().catch(() => 'hung up'), { timeout: 4000 }).toMatch(/^250/)
  clinging.destroy()
})

test('refused logins are counted for a household, whichever of its addresses they come from', async () => {
  const guard = new DoorGuard({ ...usualLimits, loginsRefusedPerAddress: 3 })
  for (let i = 1; i <= 3; i++) await guard.noteRefusal(`2001:db8::${i}`, `U${i}@acme`)
  expect(await guard.mayTry('2001:db8::9', 'ANNA@acme')).toBe(false)
  expect(await guard.mayTry('2001:db8:0:1::9', 'ANNA@acme'), 'the neighbours are others').toBe(true)
})
