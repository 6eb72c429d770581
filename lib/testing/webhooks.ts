import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { minutes, now, shiftClock } from '@/lib/clock'
import { env } from '@/lib/env'
import { claimWebhooks, drainWebhook } from '@/lib/webhook/deliver'
import { type DeliveryView, listDeliveries } from '@/lib/webhook/delivery'
import type { WebhookEvent } from '@/lib/webhook/event'
import { forgetInterest } from '@/lib/webhook/interest'
import { createWebhook } from '@/lib/webhook/webhook'

/** Webhooks and the engine that posts to them, turn by turn. */

const never = new AbortController().signal
const allowed = [...env.smtp.allowCidrs]
let clockBack: (() => void)[] = []

/** After each test: the time, the settings and what this process knows of webhooks, as they were. */
export function forgetWebhooks(): void {
  for (const back of clockBack) back()
  clockBack = []
  env.smtp.allowCidrs = allowed
  env.relayUrl = undefined
  forgetInterest()
}

export const document = { to: ['klient@example.test'], subject: 'Faktura poufna', text: 'Treść faktury', kind: 'document' as const }

export const listen = (db: Db, actor: Actor, url: string, events: WebhookEvent[] = ['message.queued']) => createWebhook(db, actor, { url, events })

/** One turn of an engine: everything that is due now. */
export async function deliver(db: Db): Promise<number> {
  const claimed = await claimWebhooks(db, { limit: 10 })
  for (const webhook of claimed) await drainWebhook(db, { mode: 'sandbox', signal: never, deadlineMs: 2000 }, webhook)
  return claimed.length
}

/** Lets time go by. */
export const pass = (ms: number) => void clockBack.push(shiftClock(ms))

/** Turns of an engine, each when the next try is due, until the oldest event is as told. */
export async function tryUntil(db: Db, admin: Actor, { webhookId, isSo }: { webhookId: string; isSo: (oldest: DeliveryView) => boolean }): Promise<void> {
  for (;;) {
    await deliver(db)
    const { rows } = await listDeliveries(db, admin, { webhookId })
    const oldest = rows.at(-1)
    if (!oldest || isSo(oldest)) return
    const next = Math.min(...rows.flatMap(({ dueAt }) => (dueAt ? [dueAt.getTime()] : [])))
    pass(Math.max(next - now().getTime(), minutes(1)))
  }
}
