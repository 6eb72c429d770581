import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { accounts, cards, logins, microsoft365Connections, type WebhookDelivery, webhookDeliveries } from '@/db/schema'
import { resumeAccountsOf } from '@/lib/account/account'
import type { Actor } from '@/lib/actor/actor'
import { after, days, now, shiftClock } from '@/lib/clock'
import { newId } from '@/lib/id'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { cancelMessage } from '@/lib/message/message'
import { keepHouse } from '@/lib/outbox/housekeeping'
import { redirectMail } from '@/lib/tenant/mail-switch'
import { type Company, makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { password, sendThrough, turn } from '@/lib/testing/outbox'
import { type Smarthost, startSmarthost } from '@/lib/testing/smtp-server'
import { startStepServer } from '@/lib/testing/step-server'
import { webhookEvents } from './event'
import { composePayload } from './payload'
import { tellOfExpiring } from './tell-expiring'
import { createWebhook } from './webhook'

const document = { to: ['klient@example.test'], subject: 'Faktura', text: 'W załączeniu.', kind: 'document' as const }

/** A company whose ANNA sends through this server, and that listens to everything. */
async function listening(db: Db, smarthost: Smarthost): Promise<{ user: Actor; told: () => Promise<[string, string, object][]> }> {
  const { admin, user, tenantId } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna')
  await createWebhook(db, admin, { url: 'http://localhost:1024/', events: [...webhookEvents] })
  const told = async () => {
    const rows = await db.select().from(webhookDeliveries).where(eq(webhookDeliveries.tenantId, tenantId)).orderBy(webhookDeliveries.id)
    return rows.map(({ event, subjectId, facts }) => [event, subjectId, JSON.parse(facts)] as [string, string, object])
  }
  return { user, told }
}

test('an accepted message is told with the server’s reply, and a refused one', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { anna: password } })
  const { user, told } = await listening(db, smarthost)
  const first = await enqueueMessage(db, user, document)
  await turn(db)
  smarthost.behave({ rcptReply: () => ({ code: 550, text: '5.1.1 no such user' }) })
  const second = await enqueueMessage(db, user, document)
  await turn(db)
  expect(await told()).toMatchObject([
    ['message.queued', first.id, {}],
    ['message.accepted', first.id, { code: 250 }],
    ['message.queued', second.id, {}],
    ['message.refused', second.id, { code: 550, enhancedStatus: '5.1.1' }],
  ])
})

test('of a message that one of several did not get, the program hears who, and what the server said of them', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { anna: password } })
  smarthost.behave({ rcptReply: address => (address === 'nikt@example.test' ? { code: 550, text: '5.1.1 no such user' } : null) })
  const { user, told } = await listening(db, smarthost)
  const { id } = await enqueueMessage(db, user, { ...document, to: ['klient@example.test', 'nikt@example.test'] })
  await turn(db)
  const [, [event, , facts] = []] = await told()
  expect([event, facts]).toMatchObject(['message.refused', { code: 550, enhancedStatus: '5.1.1' }])
  const [delivery] = await db.select().from(webhookDeliveries).where(eq(webhookDeliveries.event, 'message.refused'))
  expect(JSON.parse(await composePayload(db, delivery as WebhookDelivery)).data).toMatchObject({
    message_id: id,
    state: 'refused',
    reply: { code: 550, enhanced_status: '5.1.1', text: '5.1.1 no such user' },
    recipients: [
      { address: 'klient@example.test', state: 'accepted' },
      { address: 'nikt@example.test', state: 'refused', reply: { code: 550, enhanced_status: '5.1.1', text: '5.1.1 no such user' } },
    ],
  })
})

test('one who was refused at first stays the reason when the others get it later', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { anna: password } })
  const replies: Record<string, { code: number; text: string }> = {
    'nikt@example.test': { code: 550, text: '5.1.1 no such user' },
    'pelna@example.test': { code: 452, text: '4.2.2 mailbox full' },
  }
  smarthost.behave({ rcptReply: address => replies[address] ?? null })
  const { user, told } = await listening(db, smarthost)
  await enqueueMessage(db, user, { ...document, to: ['klient@example.test', ...Object.keys(replies)] })
  await turn(db)
  delete replies['pelna@example.test']
  const back = shiftClock(days(1))
  await turn(db)
  back()
  const outcomes = (await told()).filter(([event]) => event !== 'message.queued')
  expect(outcomes).toMatchObject([
    ['message.waiting', expect.any(String), { code: 452, recipients: [{ state: 'accepted' }, { state: 'refused' }, { state: 'waiting' }] }],
    ['message.refused', expect.any(String), { code: 550, recipients: [{ state: 'accepted' }, { state: 'refused' }, { state: 'accepted' }] }],
  ])
})

test('a message whose answer was lost is told as unknown, with when it is tried again', async () => {
  await using db = await testDb()
  await using server = await startStepServer(point => (point === 'dot' ? 'drop' : 'go'))
  const { admin, user, tenantId } = await makeCompany(db)
  await createWebhook(db, admin, { url: 'http://localhost:1024/', events: ['message.unknown'] })
  const { id } = await enqueueMessage(db, user, document)
  await turn(db, { port: server.port, tls: 'none' })
  const [delivery, ...others] = await db.select().from(webhookDeliveries).where(eq(webhookDeliveries.tenantId, tenantId))
  expect(others).toEqual([])
  expect(delivery).toMatchObject({ event: 'message.unknown', subjectId: id })
  const payload = JSON.parse(await composePayload(db, delivery as WebhookDelivery))
  expect(payload).toMatchObject({
    type: 'message.unknown',
    data: { message_id: id, state: 'unknown', reply: null, error: 'connectionLost', next_attempt_at: expect.stringMatching(/Z$/) },
  })
})

test('of a redirected message the program hears where it went, instead of to those it was written to', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { admin, user, tenantId } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  await createWebhook(db, admin, { url: 'http://localhost:1024/', events: ['message.accepted'] })
  await redirectMail(db, admin, { redirectTo: 'proby@acme.test' })
  await enqueueMessage(db, user, document)
  await turn(db)
  const [delivery] = await db.select().from(webhookDeliveries).where(eq(webhookDeliveries.tenantId, tenantId))
  const payload = JSON.parse(await composePayload(db, delivery as WebhookDelivery))
  expect(payload.data).toMatchObject({ redirected_to: 'proby@acme.test', recipients: [{ address: 'klient@example.test', state: 'accepted' }] })
})

test('an account that is paused is told once, and so is its return', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { anna: 'changed' } })
  const { user, told } = await listening(db, smarthost)
  const { id } = await enqueueMessage(db, user, document)
  await turn(db)
  const [account] = await db.select().from(accounts).where(eq(accounts.username, 'anna'))
  await resumeAccountsOf(db, user)
  await resumeAccountsOf(db, user)
  const events = (await told()).filter(([, subject]) => subject === id || subject === account?.id)
  expect(events).toMatchObject([
    ['message.queued', id, {}],
    ['message.waiting', id, { code: 535, reason: 'accountPaused' }],
    ['account.paused', account?.id, { reason: 'loginRefused' }],
    ['account.resumed', account?.id, {}],
  ])
})

test('what becomes of a company’s mail and accounts is told to no other company', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { anna: 'changed' } })
  const { user, told } = await listening(db, smarthost)
  const other = await makeCompany(db, 'beta')
  await createWebhook(db, other.admin, { url: 'http://localhost:1024/', events: [...webhookEvents] })
  const [{ id }, kept] = [await enqueueMessage(db, user, document), await enqueueMessage(db, user, document)]
  await turn(db) // the login is refused
  await cancelMessage(db, user, kept)
  smarthost.behave({ users: { anna: password } })
  await resumeAccountsOf(db, user)
  await turn(db)
  expect(new Set((await told()).map(([event]) => event))).toEqual(
    new Set(['message.queued', 'message.waiting', 'account.paused', 'message.cancelled', 'account.resumed', 'message.accepted']),
  )
  expect((await told()).filter(([event, subject]) => event === 'message.accepted' && subject === id)).toHaveLength(1)
  expect(await db.select().from(webhookDeliveries).where(eq(webhookDeliveries.tenantId, other.tenantId))).toEqual([])
})

test('cancelled and expired messages are told once, by whoever ended them', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user, told } = await listening(db, smarthost)
  const cancelled = await enqueueMessage(db, user, document)
  const expired = await enqueueMessage(db, user, document)
  await cancelMessage(db, user, cancelled)
  await expect(cancelMessage(db, user, cancelled)).rejects.toMatchObject({ code: 'alreadyCancelled' })
  const back = shiftClock(days(6))
  await keepHouse(db)
  await keepHouse(db)
  back()
  expect((await told()).map(([event, id]) => [event, id]).slice(2)).toEqual([
    ['message.cancelled', cancelled.id],
    ['message.expired', expired.id],
  ])
})

test('a Microsoft connection that cannot be renewed is told before it ends, once', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user, told } = await listening(db, smarthost)
  const { tenantId, cardId } = user
  const refreshedAt = now()
  await db.insert(accounts).values({ id: 'a-mailbox', tenantId, kind: 'microsoft365', identity: 'x', credentialCardId: cardId, createdAt: refreshedAt })
  await db.insert(microsoft365Connections).values({
    ...{ cardId, tenantId, microsoftTenantId: 't', objectId: 'o', homeAccountId: 'o.t', address: 'anna@acme.test', scopes: '' },
    ...{ tokenCacheSealed: 'v1.test', connectedAt: refreshedAt, refreshedAt },
  })
  const first = shiftClock(days(74))
  await tellOfExpiring(db)
  expect(await told(), 'not yet').toEqual([])
  const second = shiftClock(days(2))
  await tellOfExpiring(db)
  await tellOfExpiring(db)
  expect(await told()).toMatchObject([['account.expiring', 'a-mailbox', { expiresAt: new Date(refreshedAt.getTime() + days(90)).toISOString() }]])
  await createWebhook(db, { ...user, role: 'admin' }, { url: 'http://localhost:1025/', events: ['account.expiring'] })
  await tellOfExpiring(db)
  await tellOfExpiring(db)
  second()
  first()
  expect(await told(), 'a webhook that was made since hears of it as well').toHaveLength(2)
})

test('however many connections of companies that listen to nothing are about to end, those of one that listens are told of', async () => {
  await using db = await testDb()
  const [beta, acme] = [await makeCompany(db, 'beta'), await makeCompany(db, 'acme')]
  await createWebhook(db, acme.admin, { url: 'http://localhost:1024/', events: ['account.expiring'] })
  const expiring = async ({ tenantId }: Company, count: number, refreshedAt: Date) => {
    const ids = Array.from({ length: count }, () => newId())
    const at = now()
    await db.insert(logins).values(ids.map(id => ({ id, email: `${id}@example.test`, createdAt: at })))
    await db.insert(cards).values(ids.map(id => ({ id, tenantId, loginId: id, code: id, name: id, role: 'user' as const, createdAt: at, updatedAt: at })))
    await db.insert(accounts).values(ids.map(id => ({ id, tenantId, kind: 'microsoft365' as const, identity: id, credentialCardId: id, createdAt: at })))
    const consent = { microsoftTenantId: 'tid', objectId: 'oid', homeAccountId: 'home', address: 'a@example.test', scopes: '', tokenCacheSealed: 'v1.test' }
    await db.insert(microsoft365Connections).values(ids.map(id => ({ cardId: id, tenantId, ...consent, connectedAt: refreshedAt, refreshedAt })))
    return ids
  }
  await expiring(beta, 500, after(now(), -days(85)))
  const own = await expiring(acme, 1, after(now(), -days(80)))
  await tellOfExpiring(db)
  expect((await db.select().from(webhookDeliveries)).map(({ subjectId }) => subjectId)).toEqual(own)
})
