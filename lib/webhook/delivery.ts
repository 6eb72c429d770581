import { and, count, desc, eq, lt } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Webhook, type WebhookDelivery, webhookDeliveries } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { isId, newId } from '@/lib/id'
import { testEvent } from './event'
import type { Posted } from './post-event'
import { endRest, getOwn, getWebhook, type WebhookView } from './webhook'

/** One try of a delivery, as the log shows it. */
export type DeliveryAttempt = { at: string } & Pick<Posted, 'status' | 'error' | 'text' | 'durationMs'>

export type DeliveryView = Pick<WebhookDelivery, 'id' | 'event' | 'subjectId' | 'state' | 'attemptCount' | 'occurredAt' | 'dueAt' | 'endedAt'> & {
  attempts: DeliveryAttempt[] // the newest last
  nextTryAt: Date | null // not before its address has rested; null: now, or never
}

export type DeliveryLog = { rows: DeliveryView[]; nextBefore: string | null; pending: number; hasFailed: boolean }

/** A webhook and a page of its log, as `listDeliveries` gives it. @throws Refusal `notAdmin`, `webhookNotFound` */
export async function getWebhookAndLog(
  db: Db,
  actor: Actor,
  { id, before, limit }: { id: string; before?: string; limit: number },
): Promise<{ webhook: WebhookView; log: DeliveryLog }> {
  const log = await listDeliveries(db, actor, { webhookId: id, before, limit })
  return { log, webhook: await getWebhook(db, actor, { id }) } // behind the log: what a call that has ended there changed stands in it
}

/** What a webhook was told lately, the newest first; `before` is the id that the page before ended with. `pending` and `hasFailed` are of all, not of the page. */
export async function listDeliveries(
  db: Db,
  actor: Actor,
  { webhookId, state, before, limit = 50 }: { webhookId: string; state?: WebhookDelivery['state']; before?: string; limit?: number },
): Promise<DeliveryLog> {
  const webhook = await getOwn(db, actor, webhookId)
  const of = and(eq(webhookDeliveries.tenantId, actor.tenantId), eq(webhookDeliveries.webhookId, webhookId))
  const wanted = and(of, state && eq(webhookDeliveries.state, state), before && isId(before) ? lt(webhookDeliveries.id, before) : undefined)
  const rows = await db
    .select()
    .from(webhookDeliveries)
    .where(wanted)
    .orderBy(desc(webhookDeliveries.id))
    .limit(limit + 1)
  const [waiting] = await db
    .select({ count: count() })
    .from(webhookDeliveries)
    .where(and(of, eq(webhookDeliveries.state, 'pending')))
  const failed = await db
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(and(of, eq(webhookDeliveries.state, 'failed')))
    .limit(1)
  const page = rows.slice(0, limit)
  const nextBefore = rows.length > limit ? (page.at(-1)?.id ?? null) : null
  return { rows: page.map(row => shown(webhook, row)), nextBefore, pending: Number(waiting?.count ?? 0), hasFailed: failed.length > 0 }
}

/**
 * Sends an event again that has ended, or hurries one that waits; the receiver knows it by its id.
 * @throws Refusal `webhookNotFound`, `webhookIsOff`, `deliveryNotFound`
 */
export async function replayDelivery(db: Db, actor: Actor, { webhookId, id }: { webhookId: string; id: string }): Promise<void> {
  const webhook = await getOwn(db, actor, webhookId)
  if (!webhook.isActive) throw new Refusal('webhookIsOff')
  const [again] = await db
    .update(webhookDeliveries)
    .set({ state: 'pending', attemptCount: 0, dueAt: now(), endedAt: null })
    .where(and(eq(webhookDeliveries.tenantId, actor.tenantId), eq(webhookDeliveries.webhookId, webhookId), eq(webhookDeliveries.id, id)))
    .returning({ id: webhookDeliveries.id })
  if (!again) throw new Refusal('deliveryNotFound')
  await endRest(db, webhook)
}

/** Sends again everything that was given up. Gives how many. @throws Refusal `webhookNotFound`, `webhookIsOff` */
export async function replayFailed(db: Db, actor: Actor, { webhookId }: { webhookId: string }): Promise<number> {
  const webhook = await getOwn(db, actor, webhookId)
  if (!webhook.isActive) throw new Refusal('webhookIsOff')
  const failed = and(eq(webhookDeliveries.tenantId, actor.tenantId), eq(webhookDeliveries.webhookId, webhookId), eq(webhookDeliveries.state, 'failed'))
  const again = await db
    .update(webhookDeliveries)
    .set({ state: 'pending', attemptCount: 0, dueAt: now(), endedAt: null })
    .where(failed)
    .returning({ id: webhookDeliveries.id })
  if (again.length > 0) await endRest(db, webhook)
  return again.length
}

/** An event of no consequence, sent like all others. @throws Refusal `webhookNotFound`, `webhookIsOff` */
export async function sendTestEvent(db: Db, actor: Actor, { webhookId }: { webhookId: string }): Promise<void> {
  const webhook = await getOwn(db, actor, webhookId)
  const { id, tenantId } = webhook
  if (!webhook.isActive) throw new Refusal('webhookIsOff')
  const at = now()
  await db.insert(webhookDeliveries).values({
    id: newId(at),
    webhookId: id,
    tenantId,
    event: testEvent,
    subjectId: id,
    facts: '{}',
    state: 'pending',
    attemptCount: 0,
    occurredAt: at,
    dueAt: at,
  })
  await endRest(db, webhook)
}

function shown(webhook: Webhook, delivery: WebhookDelivery): DeliveryView {
  const { id, event, subjectId, state, attemptCount, occurredAt, dueAt, endedAt } = delivery
  const attempts = (delivery.attempts ?? []) as DeliveryAttempt[]
  return { id, event, subjectId, state, attemptCount, attempts, occurredAt, dueAt, endedAt, nextTryAt: nextTryOf(webhook, delivery) }
}

function nextTryOf({ isActive, notBefore }: Webhook, { state, dueAt }: WebhookDelivery): Date | null {
  if (!isActive || state !== 'pending' || !dueAt) return null
  const at = notBefore && notBefore > dueAt ? notBefore : dueAt
  return at > now() ? at : null
}
