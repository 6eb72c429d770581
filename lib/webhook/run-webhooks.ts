import { setMaxListeners } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '@/db/client'
import type { Webhook } from '@/db/schema'
import { hours, seconds } from '@/lib/clock'
import { log } from '@/lib/log'
import { claimWebhooks, type Deliverer, drainWebhook } from './deliver'
import { forgetInterest, learnInterest } from './interest'
import { tellOfExpiring } from './tell-expiring'

const webhooksAtOnce = 16

/** Delivers events until the signal; what runs then is broken off and delivered again later, by whoever. */
export async function runWebhooks(db: Db, { pollMs = seconds(1), ...deliverer }: Deliverer & { pollMs?: number }): Promise<void> {
  const { signal } = deliverer
  setMaxListeners(0, signal) // one for each event that is being posted
  const draining = new Set<Promise<void>>() // of one webhook two, when its lease ran out over the first
  let toldAt = 0
  while (!signal.aborted) {
    try {
      if (Date.now() - toldAt > hours(1)) {
        await tellOfExpiring(db)
        toldAt = Date.now()
      }
      await learnInterest(db)
      for (const webhook of await claimWebhooks(db, { limit: webhooksAtOnce - draining.size })) {
        const drain = drainOne(webhook).finally(() => draining.delete(drain))
        draining.add(drain)
      }
    } catch (error) {
      log.error({ event: 'webhookTick', err: error }, 'the engine could not look for events')
    }
    await wait(pollMs, undefined, { signal }).catch(() => undefined)
  }
  await Promise.all(draining)
  forgetInterest()

  async function drainOne(webhook: Webhook): Promise<void> {
    try {
      await drainWebhook(db, deliverer, webhook)
    } catch (error) {
      log.error({ event: 'webhookDrain', webhookId: webhook.id, err: error }, 'events of a webhook could not be delivered')
    }
  }
}
