import { Webhook as Verifier } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import { webhookDeliveries, webhooks } from '@/db/schema'
import { hours, shiftClock } from '@/lib/clock'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { openTransaction } from '@/lib/testing/open-transaction'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { deliver, forgetWebhooks, listen } from '@/lib/testing/webhooks'
import { listDeliveries, sendTestEvent } from './delivery'
import { getWebhook, listWebhooks, rotateSecret } from './webhook'

afterEach(forgetWebhooks)

test('a new secret signs at once, and the one before it for a day more', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin } = await makeCompany(db)
  const { id, secret: old } = await listen(db, admin, receiver.url)
  const { secret } = await rotateSecret(db, admin, { id })
  await sendTestEvent(db, admin, { webhookId: id })
  await deliver(db)
  const verify = (secret: string, { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: '' }) =>
    new Verifier(secret).verify(body, headers as Record<string, string>)
  expect(verify(secret)).toMatchObject({ type: 'webhook.test', data: { webhook_id: id } })
  expect(verify(old)).toMatchObject({ type: 'webhook.test' })
  expect((await getWebhook(db, admin, { id })).previousUntil).not.toBeNull()
  const back = shiftClock(hours(25))
  await sendTestEvent(db, admin, { webhookId: id })
  await deliver(db)
  expect((await getWebhook(db, admin, { id })).previousUntil, 'and nobody is told of it any more').toBeNull()
  back()
  const signatures = String(receiver.received.at(-1)?.headers['webhook-signature']).split(' ')
  expect(signatures).toHaveLength(1)
})

test('of several new secrets within a day each signs for its own day: any of them may be in the program', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin } = await makeCompany(db)
  const { id, secret: first } = await listen(db, admin, receiver.url)
  const { secret: second } = await rotateSecret(db, admin, { id })
  const signing = async () => {
    await sendTestEvent(db, admin, { webhookId: id })
    await deliver(db)
    const { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: '' }
    const at = new Date(Number(headers['webhook-timestamp']) * 1000) // a verifier would find it too far from its own clock
    const signatures = String(headers['webhook-signature']).split(' ')
    return [first, second, third].map(secret => signatures.includes(new Verifier(secret).sign(String(headers['webhook-id']), at, body)))
  }
  let back = shiftClock(hours(20))
  const { secret: third } = await rotateSecret(db, admin, { id })
  expect(await signing()).toEqual([true, true, true])
  back()
  back = shiftClock(hours(25))
  expect(await signing(), 'the first is over, the second has hours to go').toEqual([false, true, true])
  back()
})

test('however many secrets are made within a day, the header stays one that every server takes', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  for (let i = 0; i < 30; i++) await rotateSecret(db, admin, { id })
  await sendTestEvent(db, admin, { webhookId: id })
  await deliver(db)
  expect(String(receiver.received[0]?.headers['webhook-signature']).length).toBeLessThan(1024)
})

test('of two who make a new secret at once one is shown it, and that one signs; the other is told to look again', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await using other = isPostgres ? await openTransaction() : null
  await other?.client.query('select 1 from webhook for update')
  const presses = [rotateSecret(db, admin, { id }), rotateSecret(db, admin, { id })]
  if (other) {
    const waiting = () => other.client.query('select 1 from pg_locks where not granted')
    await expect.poll(async () => (await waiting()).rowCount, { timeout: 15_000, message: 'both have read the secret of before' }).toBe(2)
    await other.client.query('commit')
  }
  const [shown, refused] = (await Promise.allSettled(presses)).toSorted((one, next) => (one.status < next.status ? -1 : 1))
  expect([shown, refused]).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'stale' } }])
  await sendTestEvent(db, admin, { webhookId: id })
  await deliver(db)
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
  const secret = shown?.status === 'fulfilled' ? shown.value.secret : ''
  expect(new Verifier(secret).verify(body, headers as Record<string, string>)).toMatchObject({ type: 'webhook.test' })
})

test('the secret is nowhere in the clear', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin } = await makeCompany(db)
  const { id, secret } = await listen(db, admin, receiver.url)
  receiver.answer((response, { headers, body }) => void response.writeHead(500).end(JSON.stringify(headers) + body)) // the log shows it
  const { secret: newer } = await rotateSecret(db, admin, { id })
  await sendTestEvent(db, admin, { webhookId: id })
  await deliver(db)
  const seen = [await listWebhooks(db, admin), await listDeliveries(db, admin, { webhookId: id }), receiver.received]
  const rows = JSON.stringify([await db.select().from(webhooks), await db.select().from(webhookDeliveries), ...seen])
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  for (const one of [secret, newer]) expect(rows).not.toContain(one.slice('whsec_'.length))
})

test('a secret that no key opens keeps its events, is not asked for every second, and a new secret mends it', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await sendTestEvent(db, admin, { webhookId: id })
  await db.update(webhooks).set({ secretSealed: 'v1.gone.AAAA.AAAA.AAAA' })
  expect([await deliver(db), await deliver(db)], 'and rests').toEqual([1, 0])
  expect((await listDeliveries(db, admin, { webhookId: id })).rows).toMatchObject([{ state: 'pending', attemptCount: 0, nextTryAt: expect.any(Date) }])
  const { secret } = await rotateSecret(db, admin, { id })
  await deliver(db)
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
  expect(new Verifier(secret).verify(body, headers as Record<string, string>)).toMatchObject({ type: 'webhook.test' })
  expect(await getWebhook(db, admin, { id }), 'no old secret signs beside it').toMatchObject({ previousUntil: null })
})
