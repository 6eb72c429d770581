import { afterEach, expect, test } from 'vitest'
import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { days, minutes, now } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { interrupted } from '@/lib/testing/interrupted'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { deliver, document, forgetWebhooks, listen, pass } from '@/lib/testing/webhooks'
import { claimWebhooks, drainWebhook } from './deliver'
import { getWebhookAndLog, listDeliveries, replayDelivery, replayFailed, sendTestEvent } from './delivery'
import { createWebhook } from './webhook'

afterEach(forgetWebhooks)

/** A company whose webhook has not answered for so long that it is left in peace, with one event waiting and, when told so, one given up. */
async function resting(db: Db, url: string, { givesUp = false } = {}) {
  const company = await makeCompany(db)
  const { id: webhookId } = await createWebhook(db, company.admin, { url, events: ['message.queued'] })
  await enqueueMessage(db, company.user, document)
  await deliver(db)
  const oldest = async () => (await listDeliveries(db, company.admin, { webhookId })).rows.at(-1)
  for (let row = await oldest(); givesUp && row?.state === 'pending'; row = await oldest()) {
    pass(Math.max((row.nextTryAt?.getTime() ?? 0) - now().getTime(), minutes(1)))
    await deliver(db)
  }
  await enqueueMessage(db, company.user, document)
  if (givesUp) await deliver(db)
  return { ...company, webhookId }
}

type Press = (db: Db, admin: Actor, webhookId: string) => Promise<unknown>

const sendAgain: Press = async (db, admin, webhookId) => {
  const [newest] = (await listDeliveries(db, admin, { webhookId })).rows
  await replayDelivery(db, admin, { webhookId, id: newest?.id ?? '' })
}

test.each<[string, boolean, Press]>([
  ['an event sent again', false, sendAgain],
  ['all that was given up, sent again,', true, (db, admin, webhookId) => replayFailed(db, admin, { webhookId })],
  ['a test event', false, (db, admin, webhookId) => sendTestEvent(db, admin, { webhookId })],
])('%s goes at once to an address that is left in peace', async (_what, givesUp, press) => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(503).end() })
  const { admin, webhookId } = await resting(db, receiver.url, { givesUp })
  await deliver(db)
  const heard = receiver.received.length
  receiver.answer(response => void response.writeHead(204).end())
  await deliver(db)
  expect(receiver.received, 'it rests').toHaveLength(heard)
  await press(db, admin, webhookId)
  await deliver(db)
  expect(receiver.received.length).toBeGreaterThan(heard)
})

test('what a person sends while an engine waits for an answer is not put to rest by that answer', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(503).end() })
  const { admin, webhookId } = await resting(db, receiver.url)
  pass(minutes(1))
  const [waiting] = await claimWebhooks(db, { limit: 10 })
  await sendTestEvent(db, admin, { webhookId })
  if (waiting) await drainWebhook(db, { mode: 'sandbox', signal: new AbortController().signal, deadlineMs: 2000 }, waiting)
  const heard = receiver.received.length
  await deliver(db)
  expect(receiver.received).toHaveLength(heard + 1)
})

test('the log says when an event is tried next: not before the address has rested, and never in the past', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(503).end() })
  const { admin, webhookId } = await resting(db, receiver.url)
  const nextTries = async () => (await listDeliveries(db, admin, { webhookId })).rows.map(({ nextTryAt }) => nextTryAt?.getTime() ?? null)
  const [untried, tried] = await nextTries()
  expect(untried, 'it was never tried, and waits for the address').toBeGreaterThan(now().getTime())
  expect(tried).toBeGreaterThanOrEqual(untried ?? 0)
  pass(days(1))
  expect(await nextTries(), 'now').toEqual([null, null])
})

test('a webhook whose event has ended in the log is never shown as it was before, whenever in the reading that was', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(410).end() })
  const { admin } = await makeCompany(db)
  const seen: string[] = []
  for (let nth = 1, isBetween = true; isBetween; nth++) {
    isBetween = false
    const { id } = await createWebhook(db, admin, { url: receiver.url, events: ['message.queued'] })
    await sendTestEvent(db, admin, { webhookId: id })
    const reader = interrupted(db, nth, async () => {
      isBetween = true
      await deliver(db)
    })
    const { webhook, log } = await getWebhookAndLog(reader, admin, { id, limit: 25 })
    seen.push(`${log.rows[0]?.state} ${webhook.disabledBecause}`)
    await deliver(db) // what nobody interrupted
  }
  expect(new Set(seen), 'while an event is pending the page is read again').toEqual(new Set(['failed gone', 'pending gone', 'pending null']))
})

test.each<[string, Press]>([
  [
    'an event that was given up and is sent again',
    async (db, admin, webhookId) => {
      const given = (await listDeliveries(db, admin, { webhookId, state: 'failed' })).rows[0]
      await replayDelivery(db, admin, { webhookId, id: given?.id ?? '' })
    },
  ],
  ['all that was given up, sent again,', (db, admin, webhookId) => replayFailed(db, admin, { webhookId })],
])('%s is tried for three days more', async (_what, press) => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(400).end() })
  const { admin, webhookId } = await resting(db, receiver.url, { givesUp: true })
  await press(db, admin, webhookId)
  await deliver(db)
  const oldest = (await listDeliveries(db, admin, { webhookId })).rows.at(-1)
  expect(oldest).toMatchObject({ state: 'pending', attemptCount: 1, dueAt: expect.any(Date), endedAt: null })
})

test('what happens after an address has not answered for long is told within eleven minutes all the same', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(503).end() })
  const { admin, user } = await makeCompany(db)
  await listen(db, admin, receiver.url)
  for (let tried = 0; tried < 12; tried++) {
    await enqueueMessage(db, user, document)
    expect(await deliver(db), `after ${tried} tries in vain`).toBe(1)
    pass(minutes(11))
  }
})

test('of an event that is sent again and again the log keeps the last twenty tries', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin, user } = await makeCompany(db)
  const { id: webhookId } = await createWebhook(db, admin, { url: receiver.url, events: ['message.queued'] })
  await enqueueMessage(db, user, document)
  for (let i = 0; i < 22; i++) {
    await deliver(db)
    await sendAgain(db, admin, webhookId)
  }
  const [event] = (await listDeliveries(db, admin, { webhookId })).rows
  expect([receiver.received.length, event?.attempts.length]).toEqual([22, 20])
})

test('what is broken off because the engine stops is no failed try', async () => {
  await using db = await testDb()
  const stop = new AbortController()
  await using receiver = await startReceiver({ answer: () => stop.abort() })
  const { admin, user } = await makeCompany(db)
  const { id: webhookId } = await createWebhook(db, admin, { url: receiver.url, events: ['message.queued'] })
  await enqueueMessage(db, user, document)
  for (const webhook of await claimWebhooks(db, { limit: 10 })) await drainWebhook(db, { mode: 'sandbox', signal: stop.signal }, webhook)
  expect(receiver.received).toHaveLength(1)
  expect((await listDeliveries(db, admin, { webhookId })).rows).toMatchObject([{ state: 'pending', attemptCount: 0, attempts: [], nextTryAt: null }])
  receiver.answer(response => void response.writeHead(204).end())
  await deliver(db)
  expect(receiver.received, 'the next engine goes on at once').toHaveLength(2)
})
