import { eq } from 'drizzle-orm'
import { afterEach, expect, test } from 'vitest'
import { messages } from '@/db/schema'
import { days, minutes, now, shiftClock } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { deliver, document, forgetWebhooks, listen, pass, tryUntil } from '@/lib/testing/webhooks'
import { listDeliveries, replayDelivery, replayFailed, sendTestEvent } from './delivery'
import { getWebhook, switchWebhook } from './webhook'

afterEach(forgetWebhooks)

test('five days without an answer switch it off and tell the admins; switched on, the lost events go again', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(500).end() })
  const { admin, user } = await makeCompany(db)
  const { id, secret } = await listen(db, admin, receiver.url)
  await enqueueMessage(db, user, document)
  await enqueueMessage(db, user, document)
  await deliver(db)
  expect(receiver.received, 'one goes ahead; the other is spared').toHaveLength(1)
  const back = shiftClock(days(5) + minutes(1))
  await deliver(db)
  expect(await getWebhook(db, admin, { id })).toMatchObject({ isActive: false, disabledBecause: 'failing' })
  const notices = await db.select({ subject: messages.subject }).from(messages).where(eq(messages.kind, 'notice'))
  expect(notices).toEqual([{ subject: 'Webhook switched off: localhost' }])
  await expect(sendTestEvent(db, admin, { webhookId: id })).rejects.toMatchObject({ code: 'webhookIsOff' })
  receiver.answer(response => void response.writeHead(204).end())
  await switchWebhook(db, admin, { id, isActive: true })
  expect(await listDeliveries(db, admin, { webhookId: id, state: 'pending' }), 'said on every page of the log').toMatchObject({ rows: [], hasFailed: true })
  expect(await replayFailed(db, admin, { webhookId: id })).toBe(2)
  receiver.answer(response => void response.writeHead(500).end())
  await deliver(db)
  expect((await getWebhook(db, admin, { id })).isActive, 'the five days begin anew').toBe(true)
  receiver.answer(response => void response.writeHead(204).end())
  pass(minutes(11))
  await deliver(db)
  expect((await listDeliveries(db, admin, { webhookId: id })).rows.map(({ state }) => state)).toEqual(['delivered', 'delivered'])
  expect(await listDeliveries(db, admin, { webhookId: id })).toMatchObject({ hasFailed: false })
  const { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: '' }
  back()
  expect(body).toContain('message.queued')
  expect(secret && headers['webhook-id']).toBeTruthy()
})

test('one that a person switched off is told nothing, and what waited when it is on again', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin, user } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await enqueueMessage(db, user, document)
  await switchWebhook(db, admin, { id, isActive: false })
  await deliver(db)
  expect(receiver.received).toEqual([])
  const [waiting] = (await listDeliveries(db, admin, { webhookId: id })).rows
  for (const sent of [replayDelivery(db, admin, { webhookId: id, id: waiting?.id ?? '' }), replayFailed(db, admin, { webhookId: id })])
    await expect(sent, 'not while it is off').rejects.toMatchObject({ code: 'webhookIsOff' })
  await switchWebhook(db, admin, { id, isActive: true })
  await deliver(db)
  expect(receiver.received).toHaveLength(1)
})

test('a quiet month between two failures is no month without a success: what was given up then switches nothing off now', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(500).end() })
  const { admin, user } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await enqueueMessage(db, user, document)
  await tryUntil(db, admin, { webhookId: id, isSo: ({ state }) => state === 'failed' })
  expect(receiver.received).toHaveLength(10)
  expect(await getWebhook(db, admin, { id }), 'as long as nothing else is known').toMatchObject({ isActive: true, failingSince: expect.any(Date) })
  pass(days(30))
  const hiccupAt = now()
  await enqueueMessage(db, user, document)
  await deliver(db)
  const { isActive, failingSince } = await getWebhook(db, admin, { id })
  expect(isActive).toBe(true)
  expect(failingSince?.getTime()).toBeGreaterThanOrEqual(hiccupAt.getTime())
  receiver.answer(response => void response.writeHead(204).end())
  pass(minutes(11))
  await deliver(db)
  expect((await listDeliveries(db, admin, { webhookId: id })).rows.map(({ state }) => state)).toEqual(['delivered', 'failed'])
  expect((await getWebhook(db, admin, { id })).failingSince).toBeNull()
})

test('while something waits, the five days go on, whatever was given up meanwhile', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(400).end() })
  const { admin, user } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  const began = now()
  await enqueueMessage(db, user, document)
  await tryUntil(db, admin, { webhookId: id, isSo: ({ attemptCount }) => attemptCount === 9 })
  await enqueueMessage(db, user, document)
  await tryUntil(db, admin, { webhookId: id, isSo: ({ state }) => state === 'failed' })
  expect((await getWebhook(db, admin, { id })).failingSince?.getTime()).toBeLessThan(began.getTime() + minutes(1))
  await enqueueMessage(db, user, document)
  pass(began.getTime() + days(5) + minutes(1) - now().getTime())
  await deliver(db)
  expect(await getWebhook(db, admin, { id })).toMatchObject({ isActive: false, disabledBecause: 'failing' })
})

test('410 says that nobody wants to hear more', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(410).end() })
  const { admin } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await sendTestEvent(db, admin, { webhookId: id })
  await deliver(db)
  expect(await getWebhook(db, admin, { id })).toMatchObject({ isActive: false, disabledBecause: 'gone' })
})
