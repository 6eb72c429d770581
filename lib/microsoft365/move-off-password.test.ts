import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { credentials, senders, testSends } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { after, minutes, now } from '@/lib/clock'
import { saveSender } from '@/lib/sender/sender'
import { makeBaseUser, makeCompany } from '@/lib/testing/company'
import { consent, keepPasswordAtMicrosoft } from '@/lib/testing/consent'
import { testDb } from '@/lib/testing/database'
import { startMicrosoft } from '@/lib/testing/microsoft'
import { turn } from '@/lib/testing/outbox'
import { disconnectMailbox } from './connection'
import { findMove, listCardsOnPasswords, startMove } from './move-off-password'

const server = { host: 'smtp.office365.com', port: 587, tls: 'starttls' as const }
const to = { code: 'ANNA', to: 'anna@acme.test', language: 'en' as const }

const senderOf = async (db: Db, { cardId }: Actor) => (await db.select().from(senders).where(eq(senders.cardId, cardId)))[0]
const passwords = (db: Db) => db.select().from(credentials)

test('a card switches only when its test was accepted; all else stays, and its password is gone', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  await keepPasswordAtMicrosoft(db, user)
  await expect(startMove(db, user, to), 'nobody has consented yet').rejects.toMatchObject({ code: 'notConnected' })
  await consent(db, microsoft, user)
  expect(await findMove(db, user, { code: 'ANNA' })).toMatchObject({ username: 'Anna@acme.test', mailbox: 'anna@acme.test', isReady: true })

  microsoft.smtp.behave({ checkToken: () => ({ code: 535, text: '5.7.139 SmtpClientAuthentication is disabled for the Tenant.' }) })
  await startMove(db, user, to)
  await turn(db)
  expect(await senderOf(db, user), 'a refused test changes nothing').toMatchObject({ choice: 'smtp', host: server.host })
  expect(await passwords(db)).toHaveLength(1)

  microsoft.smtp.behave({ checkToken: () => null })
  await startMove(db, user, to)
  expect(await senderOf(db, user), 'and a test under way neither').toMatchObject({ choice: 'smtp' })
  await turn(db)
  expect(await senderOf(db, user)).toMatchObject({ choice: 'microsoft365', username: 'Anna@acme.test', host: null, authorIsLogin: true, version: 2 })
  expect(await passwords(db)).toEqual([])
  expect(microsoft.smtp.received).toHaveLength(1)
  expect(await findMove(db, user, { code: 'ANNA' }), 'there is nothing left to move').toBeNull()
})

test('until the test one can go back, and an ordinary test never switches', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  await keepPasswordAtMicrosoft(db, user)
  await consent(db, microsoft, user)
  await disconnectMailbox(db, user, { code: 'ANNA' })
  expect(await findMove(db, user, { code: 'ANNA' })).toMatchObject({ mailbox: null, isReady: false })
  expect([await senderOf(db, user), await passwords(db)]).toMatchObject([{ choice: 'smtp' }, [{ username: 'Anna@acme.test' }]])
})

test.each([
  ['to another sender', { choice: 'replyTo' as const, updatedAt: after(now(), minutes(1)) }],
  ['to another server', { host: 'smtp.example.com', updatedAt: after(now(), minutes(1)) }],
])('a sender that was changed (%s) while the test ran is left alone', async (_, change) => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  await keepPasswordAtMicrosoft(db, user)
  await consent(db, microsoft, user)
  await startMove(db, user, to)
  await db.update(senders).set(change).where(eq(senders.cardId, user.cardId))
  await turn(db)
  expect((await db.select().from(testSends))[0]).toMatchObject({ outcome: 'accepted' })
  expect([await senderOf(db, user), await passwords(db)]).toMatchObject([change, [{ username: 'Anna@acme.test' }]])
})

test('another mailbox than the one of the password waits for an agreement', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  await keepPasswordAtMicrosoft(db, user, 'office@acme.test')
  await consent(db, microsoft, user)
  expect(await findMove(db, user, { code: 'ANNA' })).toMatchObject({ username: 'office@acme.test', mailbox: 'anna@acme.test', isReady: false })
  await expect(startMove(db, user, to)).rejects.toMatchObject({ code: 'notConnected' })
})

test('an admin moves the card of somebody who has consented; another user and another company cannot', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { admin, user, second } = await makeCompany(db)
  const { admin: stranger } = await makeCompany(db, 'globex')
  await keepPasswordAtMicrosoft(db, user)
  await consent(db, microsoft, user)
  expect(await findMove(db, admin, { code: 'ANNA' })).toMatchObject({ code: 'ANNA', mailbox: 'anna@acme.test', isReady: true, obstacle: null })
  await expect(findMove(db, second, { code: 'ANNA' })).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(startMove(db, second, to)).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(startMove(db, stranger, to), 'their own ANNA has no password').rejects.toMatchObject({ code: 'noPasswordAtMicrosoft' })
  expect([await senderOf(db, user), await passwords(db)]).toMatchObject([{ choice: 'smtp' }, [{ username: 'Anna@acme.test' }]])

  await startMove(db, admin, { ...to, to: 'jan@acme.test' })
  await turn(db)
  expect(microsoft.smtp.received).toMatchObject([{ username: 'anna@acme.test', envelopeRecipients: ['jan@acme.test'] }])
  expect([await senderOf(db, user), await passwords(db)]).toMatchObject([{ choice: 'microsoft365', username: 'Anna@acme.test' }, []])
  expect(await findMove(db, admin, { code: 'ANNA' })).toBeNull()
})

test('the base user consents and may take it back, and an admin switches what the company sends by', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { admin, user, second, tenantId } = await makeCompany(db)
  await keepPasswordAtMicrosoft(db, user)
  await makeBaseUser(db, user)
  await db.insert(senders).values({ cardId: second.cardId, tenantId, choice: 'smtp', username: 'piotr@acme.test', updatedAt: now() })
  expect(await findMove(db, user, { code: 'ANNA' })).toMatchObject({ obstacle: 'adminOnly', mailbox: null, ownLoginCount: 1 })
  await consent(db, microsoft, user)
  await disconnectMailbox(db, user, { code: 'ANNA' })
  await consent(db, microsoft, user)
  await expect(startMove(db, user, to)).rejects.toMatchObject({ code: 'baseAdminsOnly' })
  await startMove(db, admin, { ...to, to: 'jan@acme.test' })
  await turn(db)
  expect([await senderOf(db, user), await passwords(db)]).toMatchObject([{ choice: 'microsoft365' }, []])
  await expect(disconnectMailbox(db, user, { code: 'ANNA' }), 'others send by it now').rejects.toMatchObject({ code: 'baseAdminsOnly' })
})

test('Microsoft 365 chosen by hand does not throw away a password that serves there: it leads to the test', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { admin, user, second } = await makeCompany(db)
  await keepPasswordAtMicrosoft(db, user)
  await keepPasswordAtMicrosoft(db, second, 'piotr@acme.test')
  await consent(db, microsoft, user)
  const byHand = {
    choice: 'microsoft365',
    server: '',
    tls: '',
    username: 'anna@acme.test',
    password: '',
    authorIsLogin: false,
    version: 1,
    code: 'ANNA',
  } as const
  for (const actor of [user, admin]) await expect(saveSender(db, actor, byHand)).rejects.toMatchObject({ code: 'moveByTest', field: 'choice' })
  expect([await senderOf(db, user), await passwords(db)]).toMatchObject([{ choice: 'smtp', version: 1 }, [{}, {}]])

  await db.delete(credentials).where(eq(credentials.cardId, user.cardId))
  await saveSender(db, user, byHand)
  expect(await senderOf(db, user), 'where no password is kept there is nothing to lose').toMatchObject({ choice: 'microsoft365' })
  await saveSender(db, second, { ...byHand, choice: 'replyTo', code: 'PIOTR' })
  expect(await senderOf(db, second), 'and other senders are free to choose').toMatchObject({ choice: 'replyTo' })
})

test('where the policy would set a mailbox of one’s own aside, nothing is moved', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { admin, user, second, tenantId } = await makeCompany(db)
  await keepPasswordAtMicrosoft(db, second, 'piotr@acme.test')
  await makeBaseUser(db, second, 'login')
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'smtp', username: 'anna@acme.test', updatedAt: now() })
  await db.insert(credentials).values({ cardId: user.cardId, tenantId, ...server, username: 'anna@acme.test', passwordSealed: 'sealed', savedAt: now() })
  await consent(db, microsoft, admin)
  for (const actor of [user, admin]) {
    expect(await findMove(db, actor, { code: 'ANNA' })).toMatchObject({ obstacle: 'policy' })
    await expect(startMove(db, actor, to)).rejects.toMatchObject({ code: 'policySetsAside' })
  }
})

test('an admin sees who is still on a password, of the own company only', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  const other = await makeCompany(db, 'globex')
  await keepPasswordAtMicrosoft(db, user)
  await keepPasswordAtMicrosoft(db, other.user, 'anna@globex.test')
  expect(await listCardsOnPasswords(db, admin)).toEqual([{ code: 'ANNA', name: 'Anna Nowak', username: 'Anna@acme.test' }])
  await expect(listCardsOnPasswords(db, user)).rejects.toMatchObject({ code: 'notAdmin' })
})
