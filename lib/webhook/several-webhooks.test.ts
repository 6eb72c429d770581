import { afterEach, expect, test } from 'vitest'
import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { deliver, forgetWebhooks, listen } from '@/lib/testing/webhooks'
import { listDeliveries, replayDelivery, replayFailed, sendTestEvent } from './delivery'
import { getWebhook, switchWebhook } from './webhook'

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
