import { setTimeout as wait } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { webhooks } from '@/db/schema'
import { seconds } from '@/lib/clock'
import { log } from '@/lib/log'
import { splitEvents, type WebhookEvent } from './event'

const freshMs = seconds(3)

let known: { listening: Map<string, Set<WebhookEvent>>; at: number } | null = null

/**
 * Whether a webhook may want to hear of this. An engine keeps the answer in memory, so that companies without webhooks pay
 * nothing; whoever does not know, or not lately, says yes and lets the statement look.
 */
export function mayInterest(tenantId: string, event: WebhookEvent): boolean {
  if (!known || Date.now() - known.at > freshMs) return true
  return known.listening.get(tenantId)?.has(event) ?? false
}

/** Called by a running engine every second. A webhook made elsewhere is heeded from its next call on. */
export async function learnInterest(db: Db): Promise<void> {
  const rows = await db.select({ tenantId: webhooks.tenantId, events: webhooks.events }).from(webhooks).where(eq(webhooks.isActive, true))
  const listening = new Map<string, Set<WebhookEvent>>()
  for (const { tenantId, events } of rows) listening.set(tenantId, new Set([...(listening.get(tenantId) ?? []), ...splitEvents(events)]))
  known = { listening, at: Date.now() }
}

/** Keeps the answer fresh until the signal, in a thread that delivers no events itself. */
export async function keepInterest(db: Db, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await learnInterest(db).catch(error => log.error({ event: 'webhookInterest', err: error }, 'who listens to events could not be read'))
    await wait(seconds(1), undefined, { signal }).catch(() => undefined)
  }
  forgetInterest()
}

/** At the end of an engine, and when a webhook changes in this process. */
export function forgetInterest(): void {
  known = null
}
