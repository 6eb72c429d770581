import { eq } from 'drizzle-orm'
import { afterEach, expect, test } from 'vitest'
import { webhooks } from '@/db/schema'
import { minutes, now } from '@/lib/clock'
import { webhookPosts } from '@/lib/metrics'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { forgetWebhooks, listen, pass } from '@/lib/testing/webhooks'
import { sendTestEvent } from './delivery'
import { runWebhooks } from './run-webhooks'

afterEach(forgetWebhooks)

test('an engine that stops has given back a webhook that it leased again while the first answer was out', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  const answers: (() => void)[] = []
  await using receiver = await startReceiver({ answer: response => void answers.push(() => response.writeHead(204).end()) })
  const { id: webhookId } = await listen(db, admin, receiver.url)
  await sendTestEvent(db, admin, { webhookId })
  const stop = new AbortController()
  const running = runWebhooks(db, { mode: 'sandbox', signal: stop.signal, pollMs: 10 })
  await expect.poll(() => answers).toHaveLength(1)
  pass(minutes(2)) // the lease is over, as after a machine stood still
  await expect.poll(() => answers).toHaveLength(2)
  const before = await taken()
  answers[0]?.()
  await expect.poll(taken).toBe(before + 1)
  await db.select().from(webhooks) // behind what the first turn writes of it
  stop.abort()
  await running
  const [webhook] = await db.select().from(webhooks).where(eq(webhooks.id, webhookId))
  expect(webhook?.leaseUntil?.getTime(), 'the last lease has been given back').toBeLessThanOrEqual(now().getTime())
})

/** How many events this process has handed over. */
const taken = async () => (await webhookPosts.get()).values.find(({ labels }) => labels.result === '2xx')?.value ?? 0
