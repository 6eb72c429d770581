import { eq } from 'drizzle-orm'
import { afterEach, expect, test } from 'vitest'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { webhooks } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { seconds } from '@/lib/clock'
import { newId } from '@/lib/id'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { deliver, document, forgetWebhooks, listen, pass } from '@/lib/testing/webhooks'
import { claimWebhooks, drainWebhook } from './deliver'
import { listDeliveries, replayDelivery, replayFailed, sendTestEvent } from './delivery'
import { runWebhooks } from './run-webhooks'
import { getWebhook, switchWebhook } from './webhook'
import { webhookStatements } from './webhook-statements'

afterEach(forgetWebhooks)

type Told = { actor: Actor; id: string }

/** Webhooks with one event each: two of one company, and one of another. */
async function three(db: Db, urls: [string, string, string]): Promise<[Told, Told, Told]> {
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  const made = async (actor: Actor, url: string): Promise<Told> => {
    const { id } = await listen(db, actor, url, ['message.refused'])
    await sendTestEvent(db, actor, { webhookId: id })
    return { actor, id }
  }
  return [await made(acme.admin, urls[0]), await made(acme.admin, urls[1]), await made(globex.admin, urls[2])]
}

const eventOf = async (db: Db, { actor, id }: Told) => (await listDeliveries(db, actor, { webhookId: id })).rows[0]
const statesOf = async (db: Db, all: Told[]) => (await Promise.all(all.map(told => eventOf(db, told)))).map(event => event?.state)

test('a webhook that is switched off gives up its own events, and those of no other', async () => {
  await using db = await testDb()
  await using gone = await startReceiver({ answer: response => void response.writeHead(410).end() })
  await using busy = await startReceiver({ answer: response => void response.writeHead(503).end() })
  const all = await three(db, [gone.url, busy.url, busy.url])
  await sendTestEvent(db, all[0].actor, { webhookId: all[0].id })
  await deliver(db)
  expect((await listDeliveries(db, all[0].actor, { webhookId: all[0].id })).rows.map(({ state }) => state)).toEqual(['failed', 'failed'])
  expect(await statesOf(db, all)).toEqual(['failed', 'pending', 'pending'])
  const active = await Promise.all(all.map(async ({ actor, id }) => (await getWebhook(db, actor, { id })).isActive))
  expect(active).toEqual([false, true, true])
})

test('what is sent again is of the webhook that somebody looks at, and of no other', async () => {
  await using db = await testDb()
  await using gone = await startReceiver({ answer: response => void response.writeHead(410).end() })
  const all = await three(db, [gone.url, gone.url, gone.url])
  await deliver(db)
  for (const { actor, id } of all) await switchWebhook(db, actor, { id, isActive: true })
  const [{ actor, id: webhookId }, ...others] = all
  for (const other of others) {
    const { id = '' } = (await eventOf(db, other)) ?? {}
    await expect(replayDelivery(db, actor, { webhookId, id })).rejects.toMatchObject({ code: 'deliveryNotFound' })
  }
  expect(await replayFailed(db, actor, { webhookId })).toBe(1)
  expect(await statesOf(db, all)).toEqual(['pending', 'failed', 'failed'])
})

test('webhooks that always have something due take turns, however many each has had', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const [long, ...others] = await three(db, [receiver.url, receiver.url, receiver.url])
  await db.update(webhooks).set({ leaseNumber: 1000 }).where(eq(webhooks.id, long.id))
  const turns: string[] = []
  for (let turn = 0; turn < 6; turn++) {
    for (const { actor, id } of [long, ...others]) await sendTestEvent(db, actor, { webhookId: id })
    for (const webhook of await claimWebhooks(db, { limit: 1 })) {
      turns.push(webhook.id)
      await drainWebhook(db, { mode: 'sandbox', signal: new AbortController().signal }, webhook)
    }
    pass(seconds(1))
  }
  expect(new Set(turns.slice(0, 3)).size).toBe(3)
  expect(turns.slice(3), 'in the same order again').toEqual(turns.slice(0, 3))
})

test('an engine leases a webhook that has something due, and no other', async () => {
  await using db = await testDb()
  await using refusing = await startReceiver({ answer: response => void response.writeHead(400).end() })
  await using well = await startReceiver()
  await using busy = await startReceiver({ answer: response => void response.writeHead(503).end() })
  const all = await three(db, [refusing.url, well.url, busy.url])
  await deliver(db)
  const [refused, delivered, resting] = all
  await sendTestEvent(db, resting.actor, { webhookId: resting.id })
  await deliver(db)
  const happened = { event: 'message.refused' as const, tenantId: resting.actor.tenantId, subjectId: newId() }
  await atomically(db, tx => webhookStatements(tx, [happened]))
  expect(await claimWebhooks(db, { limit: 10 }), 'tried again later, done with, or left in peace').toEqual([])
  expect(busy.received, 'whoever presses the button does not wait').toHaveLength(2)
  expect(await statesOf(db, [refused, delivered, resting])).toEqual(['pending', 'delivered', 'pending'])
  await sendTestEvent(db, delivered.actor, { webhookId: delivered.id })
  expect((await claimWebhooks(db, { limit: 10 })).map(({ id }) => id)).toEqual([delivered.id])
})

test('a dozen addresses that do not answer are waited for at once, and nobody is warned of a leak', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: () => undefined })
  const { admin, user } = await makeCompany(db)
  for (let i = 0; i < 12; i++) await listen(db, admin, receiver.url)
  await enqueueMessage(db, user, document)
  const warnings: string[] = []
  const onWarning = ({ name }: Error) => void warnings.push(name)
  process.on('warning', onWarning)
  const stopping = new AbortController()
  const running = runWebhooks(db, { mode: 'sandbox', signal: stopping.signal, pollMs: 10 })
  await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBe(12)
  stopping.abort()
  await running
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
})
