import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { accounts, cards, senders } from '@/db/schema'
import { now } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { getMessage } from '@/lib/message/message'
import { startTestSend } from '@/lib/test-send/test-send'
import { makeBaseUser, makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { password, savePassword, sendThrough, turn } from '@/lib/testing/outbox'
import { startScripted, startSmarthost } from '@/lib/testing/smtp-server'
import { getAccountHealth, listPausedAccounts, resumeAccountsOf } from './account'

const document = { to: ['klient@example.test'], subject: 'Faktura', text: 'W załączeniu.', kind: 'document' as const }

test('a card says whether its mail goes out: never used, works, paused with the server’s words', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { anna: password } })
  const { user, admin, second } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna')
  expect(await getAccountHealth(db, user, { code: 'ANNA' })).toMatchObject({ state: 'neverUsed', host: 'localhost', waiting: 0 })
  smarthost.behave({ rcptReply: { code: 550, text: '5.1.1 no' } })
  await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test' })
  await turn(db)
  expect(await getAccountHealth(db, user, { code: 'ANNA' }), 'a test that failed is not silence').toMatchObject({
    state: 'neverUsed',
    failedTestAt: expect.any(Date),
  })
  smarthost.behave({ rcptReply: undefined })
  await enqueueMessage(db, user, document)
  await turn(db)
  expect(await getAccountHealth(db, user, { code: 'ANNA' })).toMatchObject({ state: 'works', failedTestAt: null, lastAcceptedAt: expect.any(Date) })
  smarthost.behave({ users: { anna: 'changed' } })
  await enqueueMessage(db, user, document)
  await turn(db)
  expect(await getAccountHealth(db, admin, { code: 'ANNA' })).toMatchObject({
    state: 'paused',
    reason: 'loginRefused',
    text: expect.stringContaining('535'),
    waiting: 1,
  })
  await expect(getAccountHealth(db, second, { code: 'ANNA' })).rejects.toMatchObject({ code: 'notAdmin' })
  const other = await makeCompany(db, 'beta')
  expect(await listPausedAccounts(db, other.admin)).toEqual([])
  expect(await resumeAccountsOf(db, { tenantId: other.tenantId, cardId: user.cardId }), 'another company mends nothing here').toBe(0)
})

test('followers leave through the base user’s account; when it is refused they wait, and an own login goes on', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { jan: password, anna: 'own' } })
  await using relay = await startSmarthost()
  const { admin, user, second } = await makeCompany(db)
  await sendThrough(db, admin, smarthost, 'jan')
  await db.insert(senders).values({ cardId: user.cardId, tenantId: user.tenantId, choice: 'smtp', username: 'anna', updatedAt: now() })
  await savePassword(db, user, { host: smarthost.host, port: smarthost.port, tls: 'starttls', username: 'anna' }, 'own')
  await makeBaseUser(db, admin)
  await enqueueMessage(db, second, document)
  await enqueueMessage(db, user, document)
  await turn(db)
  expect(smarthost.received.map(({ username, mail }) => `${username} ${mail.from?.value[0]?.address}`).sort()).toEqual([
    'anna anna@acme.test',
    'jan piotr@acme.test',
  ])

  smarthost.behave({ users: { anna: 'own' } })
  const waits = await enqueueMessage(db, second, document)
  const goes = await enqueueMessage(db, user, document)
  await turn(db, relay)
  expect((await getMessage(db, second, { id: waits.id })).message).toMatchObject({ state: 'waiting', waitingFor: 'accountPaused' })
  expect((await getMessage(db, user, { id: goes.id })).message.state).toBe('accepted')
  expect(await getAccountHealth(db, second, { code: 'PIOTR' })).toMatchObject({ state: 'paused', problemCode: 'JAN', waiting: 1 })
  expect(await listPausedAccounts(db, second)).toMatchObject([{ cardCode: 'JAN', mayMend: false, waiting: 1 }])
  await enqueueMessage(db, admin, document)
  await turn(db, relay)
  expect(await getAccountHealth(db, admin, { code: 'JAN' }), 'his own and that of who follows him').toMatchObject({ state: 'paused', waiting: 2 })
  expect(await getAccountHealth(db, second, { code: 'PIOTR' }), 'his own').toMatchObject({ waiting: 1 })
})

test('Microsoft that is not connected, and an incomplete choice, keep the mail and say so', async () => {
  await using db = await testDb()
  const { user, second, tenantId } = await makeCompany(db)
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'microsoft365', username: 'anna@acme.test', updatedAt: now() })
  await db.insert(senders).values({ cardId: second.cardId, tenantId, choice: 'smtp', username: 'piotr', updatedAt: now() })
  const first = await enqueueMessage(db, user, document)
  const other = await enqueueMessage(db, second, document)
  await turn(db)
  expect(await getMessage(db, user, { id: first.id })).toMatchObject({
    message: { state: 'waiting' },
    account: { state: 'paused', pauseReason: 'consentNeeded' },
  })
  expect(await getMessage(db, second, { id: other.id })).toMatchObject({
    message: { state: 'waiting' },
    account: { state: 'paused', pauseReason: 'incomplete' },
  })
  expect(await getAccountHealth(db, user, { code: 'ANNA' })).toMatchObject({ state: 'incomplete', reason: 'notConnected' })
})

test('Directo-Reply-to writes the company’s address, and answers go to the card', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user, tenantId } = await makeCompany(db)
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'replyTo', updatedAt: now() })
  await db.update(cards).set({ emailConfirmedAt: null }).where(eq(cards.id, user.cardId))
  await enqueueMessage(db, user, document)
  await turn(db, relay)
  expect(relay.received[0]).toMatchObject({ envelopeSender: 'acme@event.data.directo.ee' })
  expect(relay.received[0]?.mail.from?.text).toBe('"Anna Nowak, acme Sp. z o.o." <acme@event.data.directo.ee>')
  expect(relay.received[0]?.mail.replyTo?.text).toBe('anna@acme.test')
  expect(await db.select({ identity: accounts.identity }).from(accounts)).toEqual([{ identity: 'relay' }])
})

test('an account is not paused over a password that was replaced while its server refused it', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const username = 'anna@acme.test'
  await using server = await startScripted(socket => {
    socket.write('220 hi\r\n')
    socket.on('data', async chunk => {
      if (/^EHLO/.test(chunk.toString())) return socket.write('250-hi\r\n250 AUTH PLAIN\r\n')
      await savePassword(db, user, { host: server.host, port: server.port, tls: 'none', username }, 'the new one')
      socket.write('535 5.7.8 no\r\n')
    })
  })
  await sendThrough(db, user, { ...server, tls: 'none' }, username)
  await enqueueMessage(db, user, document)
  await turn(db)
  expect(await db.select().from(accounts)).toMatchObject([{ state: 'active' }])
})
