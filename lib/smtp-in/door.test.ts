import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { type Db, poolOf } from '@/db/client'
import { cards, messageBodies, messages, recipients, senders } from '@/db/schema'
import { revokeApiKey } from '@/lib/api/api-key'
import { after, days, minutes, now, shiftClock } from '@/lib/clock'
import { env } from '@/lib/env'
import { redirectMail } from '@/lib/tenant/mail-switch'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { atData, makeKey, plain, programOf, startTestDoor, talkTo } from '@/lib/testing/door'

const stored = async (db: Db) => {
  const [row] = await db.select().from(messages).innerJoin(messageBodies, eq(messageBodies.messageId, messages.id))
  if (!row) throw new Error('nothing was stored')
  const to = await db.select().from(recipients).where(eq(recipients.messageId, row.message.id)).orderBy(recipients.position)
  return { message: row.message, raw: row.message_body.raw.toString('utf8'), recipients: to.map(({ field, address }) => `${field} ${address}`) }
}

test.each(['starttls', 'tls'] as const)('a program hands a message over by %s; it is stored before it is answered', async port => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  const { response } = await programOf(door, 'anna@acme', key, port).sendMail({
    from: '"Biuro, Anna" <anna@acme.test>',
    to: 'klient@example.test',
    cc: 'Kierownik <kierownik@example.test>',
    bcc: 'archiwum@acme.test',
    subject: 'Faktura 12/2026 – zażółć',
    text: 'Dzień dobry',
    messageId: '<faktura.12@erp.acme.test>',
    headers: { 'X-Erp': 'F/12' },
  })
  const { message, raw, recipients: to } = await stored(db)
  expect(response).toBe(`250 2.0.0 queued as ${message.id}`)
  expect(message).toMatchObject({
    tenantId: acme.tenantId,
    cardId: acme.user.cardId,
    kind: 'document',
    state: 'queued',
    subject: 'Faktura 12/2026 – zażółć',
    fromName: 'Biuro, Anna',
    fromAddress: 'anna@acme.test',
    envelopeSender: 'anna@acme.test',
    rfcMessageId: 'faktura.12@erp.acme.test',
  })
  expect(to).toEqual(['to klient@example.test', 'cc kierownik@example.test', 'bcc archiwum@acme.test'])
  expect(raw).toContain('X-Erp: F/12\r\n')
  expect(raw).not.toMatch(/archiwum/)
})

test('a message stays as it came, but for a trace on top', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  const came = [
    'from:   Anna\t<anna@acme.test>', // names, blanks and folding as the program likes them
    'Subject: long',
    '\t and folded',
    'Date: Tue, 24 Nov 2026 20:00:00 +0100',
    'Message-ID: <1@erp.test>',
    'X-Two: 1',
    'X-Two: 2',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Zażółć',
    '.',
    '..two dots',
    '',
  ].join('\r\n')
  await using talk = await talkTo(door.tlsPort)
  await talk.say('EHLO erp.test\r\n')
  await talk.say(plain('ANNA@acme', key))
  await talk.say('MAIL FROM:<anna@acme.test> BODY=8BITMIME RET=HDRS ENVID=QQ314\r\n')
  await talk.say('RCPT TO:<k@example.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;k@example.test\r\n')
  await talk.say('DATA\r\n')
  expect(await talk.say(`${came.replace(/^\./gm, '..')}.\r\n`)).toMatch(/^250 2\.0\.0 queued as \w{26}$/)
  const { message, raw } = await stored(db)
  const [, trace = '', rest] = /^(Received: .*\r\n\s+.*\r\n)([\s\S]*)$/.exec(raw) ?? []
  expect(trace).toMatch(new RegExp(`^Received: by localhost \\(Posthorn\\) with ESMTPSA\\r\\n id ${message.id}; `))
  expect(rest).toBe(came)
  expect(message.dsn).toEqual({
    ret: 'HDRS',
    envid: 'QQ314',
    recipients: [{ address: 'k@example.test', notify: ['FAILURE', 'DELAY'], orcpt: 'rfc822;k@example.test' }],
  })
})

test('what a message must have and lacks is added, and Bcc goes', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await programOf(door, 'ANNA@acme', key).sendMail({
    envelope: { from: 'anna@acme.test', to: ['k@example.test'] },
    raw: 'From: anna@acme.test\r\nTo: Clients:;\r\nBcc: k@example.test,\r\n hidden@example.test\r\nResent-Bcc: hidden@example.test\r\nSubject: x\r\n\r\nHello\r\n',
  })
  const { message, raw, recipients: to } = await stored(db)
  expect(raw).toContain(`Message-ID: <${message.id}@acme.test>\r\n`)
  expect(raw).toMatch(/\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n/)
  expect(raw).not.toMatch(/bcc|hidden|k@example/i)
  expect(to).toEqual(['bcc k@example.test'])
})

test('in Reply-to mode From is the event address and Reply-To the card, as over HTTP', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await db.insert(senders).values({ cardId: acme.user.cardId, tenantId: acme.tenantId, choice: 'replyTo', updatedAt: now() })
  await using door = await startTestDoor(db)
  await programOf(door, 'ANNA@acme', key).sendMail({ from: 'anna@acme.test', replyTo: 'other@example.test', to: 'k@example.test', subject: 'x', text: 'y' })
  const { message, raw } = await stored(db)
  const event = `acme@${env.platform.eventDomain}`
  expect(message).toMatchObject({ fromAddress: event, envelopeSender: event, replyTo: 'anna@acme.test', fromName: 'Anna Nowak, acme Sp. z o.o.' })
  expect(raw).toContain(`From: "Anna Nowak, acme Sp. z o.o." <${event}>\r\nReply-To: anna@acme.test\r\n`)
  expect(raw).not.toContain('other@example.test')
})

test('an author other than the card is refused with 550 5.7.1, and nothing is stored', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  for (const head of ['From: jan@acme.test\r\n', 'From: anna@acme.test\r\nSender: jan@acme.test\r\n']) {
    const envelope = { from: 'anna@acme.test', to: 'k@example.test' }
    const sending = programOf(door, 'ANNA@acme', key).sendMail({ envelope, raw: `${head}To: k@example.test\r\n\r\nHello\r\n` })
    await expect(sending).rejects.toMatchObject({ response: expect.stringMatching(/^550 5\.7\.1 /) })
  }
  expect(await db.select().from(messages)).toHaveLength(0)
})

test('a foreign envelope sender is refused before any data', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await talkTo(door.tlsPort)
  await talk.say('EHLO erp.test\r\n')
  await talk.say(plain('ANNA@acme', key))
  for (const sender of ['jan@acme.test', '', 'anna@other.test']) expect(await talk.say(`MAIL FROM:<${sender}>\r\n`)).toMatch(/^550 5\.7\.1 /)
  expect(await talk.say('MAIL FROM:<Anna@ACME.test>\r\n')).toMatch(/^250 2\.1\.0/)
})

test('a key opens the door for its cards, from its addresses, while it holds, and to send', async () => {
  await using db = await testDb()
  const [acme, other] = [await makeCompany(db), await makeCompany(db, 'other')]
  await using door = await startTestDoor(db)
  const answer = (user: string, key: string) =>
    programOf(door, user, key)
      .verify()
      .catch((error: Error & { response?: string }) => error.response)
  const { id, key } = await makeKey(db, acme.admin, { codes: ['ANNA'], addresses: ['127.0.0.0/8'] })
  expect(await answer('ANNA@acme', key)).toBe(true)
  expect(await answer('JAN@acme', key), 'not one of its cards').toMatch(/^535 5\.7\.8/)
  expect(await answer('ANNA@other', key), 'another company').toMatch(/^535 5\.7\.8/)
  expect(await answer('ANNA', key), 'no company').toMatch(/^535 5\.7\.8/)
  expect(await answer('ANNA@acme', (await makeKey(db, other.admin)).key), "another company's key").toMatch(/^535 5\.7\.8/)
  expect(await answer('ANNA@acme', (await makeKey(db, acme.admin, { scope: 'read' })).key)).toMatch(/^535 5\.7\.8 .*read/)
  expect(await answer('ANNA@acme', (await makeKey(db, acme.admin, { addresses: ['192.0.2.0/24'] })).key)).toMatch(/^535 5\.7\.8 .*address/)
  await revokeApiKey(db, acme.admin, { id })
  expect(await answer('ANNA@acme', key)).toMatch(/^535 5\.7\.8/)
})

test.each([
  ['JAN@acme', 'ANNA@acme', false, 'to act as another, whom the key names too'],
  ['boss', 'ANNA@acme', false, 'to act as nobody we know'],
  ['', 'ANNA@acme', true, 'to act as oneself'],
  ['ANNA@acme', 'ANNA@acme', true, 'to act as oneself, said'],
  ['anna@ACME', 'ANNA@acme', true, 'to act as oneself, written otherwise'],
  ['ANNA@acme', '', true, 'with the user name in the wrong place, as some programs write it'],
])('AUTH PLAIN with the identities %j and %j opens the door: %s (%s)', async (authorization, authentication, opens) => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await talkTo(door.tlsPort)
  await talk.say('EHLO erp.test\r\n')
  const answer = await talk.say(`AUTH PLAIN ${Buffer.from(`${authorization}\0${authentication}\0${key}`).toString('base64')}\r\n`)
  expect(answer).toMatch(opens ? /^235 / : /^535 5\.7\.8 /)
})

test('a key that is revoked, or a card that is closed, ends what a session may do', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { id, key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await talkTo(door.tlsPort)
  await talk.say('EHLO erp.test\r\n')
  await talk.say(plain('ANNA@acme', key))
  expect(await talk.say('MAIL FROM:<anna@acme.test>\r\n')).toMatch(/^250/)
  await talk.say('RSET\r\n')
  await db.update(cards).set({ isActive: false }).where(eq(cards.id, acme.user.cardId))
  expect(await talk.say('MAIL FROM:<anna@acme.test>\r\n')).toMatch(/^5\d\d 5\.7\./)
  await db.update(cards).set({ isActive: true }).where(eq(cards.id, acme.user.cardId))
  await revokeApiKey(db, acme.admin, { id })
  expect(await talk.say('MAIL FROM:<anna@acme.test>\r\n')).toMatch(/^5\d\d 5\.7\.8/)
})

test('an expired key opens nothing', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin, { expires: after(now(), days(1)) })
  await using door = await startTestDoor(db)
  await expect(programOf(door, 'ANNA@acme', key).verify()).resolves.toBe(true)
  const back = shiftClock(days(2))
  try {
    await expect(programOf(door, 'ANNA@acme', key).verify()).rejects.toMatchObject({ responseCode: 535 })
  } finally {
    back()
  }
})

test('a message that cannot be stored is not taken: the program is to try again', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await talkTo(door.tlsPort)
  await talk.say('EHLO erp.test\r\n')
  await talk.say(plain('ANNA@acme', key))
  await talk.say('MAIL FROM:<anna@acme.test>\r\n')
  await talk.say('RCPT TO:<k@example.test>\r\n')
  await talk.say('DATA\r\n')
  await breakStorage(db)
  expect(await talk.say('From: anna@acme.test\r\n\r\nHello\r\n.\r\n')).toMatch(/^451 4\.3\.0 /)
})

async function breakStorage(db: Db): Promise<void> {
  const statement = 'alter table message_body rename to message_body_gone'
  if (isPostgres) await poolOf(db).query(statement)
  else db.$client.exec(statement)
}

test('a message that is long in coming goes where all mail goes by then', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await atData(door, key)
  await redirectMail(db, acme.admin, { redirectTo: 'proby@acme.test' })
  const back = shiftClock(minutes(2))
  expect(await talk.say('From: anna@acme.test\r\nSubject: x\r\n\r\nHello\r\n.\r\n')).toMatch(/^250 /)
  back()
  expect(await db.select().from(messages)).toMatchObject([{ redirectedTo: 'proby@acme.test' }])
})
