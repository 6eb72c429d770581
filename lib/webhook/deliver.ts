import { and, asc, eq, exists, isNull, lte, notExists, or, sql } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Webhook, type WebhookDelivery, webhookDeliveries, webhooks } from '@/db/schema'
import { after, minutes, now, seconds } from '@/lib/clock'
import type { Mode } from '@/lib/installation/mode'
import { log } from '@/lib/log'
import { webhookPosts } from '@/lib/metrics'
import { mostSecondsApart } from '@/lib/outbox/clock-apart'
import { NoKey } from '@/lib/secret/seal'
import type { DeliveryAttempt } from './delivery'
import { prepareDisabledNotices } from './disabled-notice'
import { judge, type Verdict } from './judge'
import { composePayload } from './payload'
import { type Posted, postEvent } from './post-event'
import { signedHeaders } from './secret'

const leaseMs = seconds(60) // longer than a turn and the longest post together
const turnMs = seconds(10)
const atOnce = 4
const attemptsKept = 20

export type Deliverer = { mode: Mode; signal: AbortSignal; deadlineMs?: number }

/** Leases webhooks that have something due. Two engines never get the same one, and an address that does not answer is left in peace. */
export async function claimWebhooks(db: Db, { limit }: { limit: number }): Promise<Webhook[]> {
  if (limit <= 0) return []
  const at = now()
  const due = db
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.webhookId, webhooks.id), eq(webhookDeliveries.state, 'pending'), lte(webhookDeliveries.dueAt, at)))
  const mayBegin = and(
    eq(webhooks.isActive, true),
    or(isNull(webhooks.leaseUntil), lte(webhooks.leaseUntil, at)),
    or(isNull(webhooks.notBefore), lte(webhooks.notBefore, at)),
  )
  const found = await db
    .select({ id: webhooks.id })
    .from(webhooks)
    .where(and(mayBegin, exists(due)))
    .orderBy(sql`${webhooks.leaseUntil} asc nulls first`) // whose last turn is the longest ago
    .limit(limit)
  const claimed: Webhook[] = []
  for (const { id } of found) {
    const [mine] = await db
      .update(webhooks)
      .set({ leaseUntil: after(at, leaseMs), leaseNumber: sql`${webhooks.leaseNumber} + 1` })
      .where(and(eq(webhooks.id, id), mayBegin))
      .returning()
    if (mine) claimed.push(mine)
  }
  return claimed
}

/** Delivers what is due to one leased webhook, one ahead and then a few at a time, until its turn is over or the address does not answer. */
export async function drainWebhook(db: Db, deliverer: Deliverer, webhook: Webhook): Promise<void> {
  const turnEnds = after(now(), turnMs)
  let isProven = false
  let notBefore: Date | null = null
  try {
    for (let goesOn = true; goesOn && !deliverer.signal.aborted && now() < turnEnds; ) {
      const due = await listDue(db, webhook, isProven ? atOnce : 1)
      if (due.length === 0) break
      const went = await Promise.all(due.map(delivery => deliverOne(db, deliverer, webhook, delivery)))
      goesOn = went.every(Boolean)
      isProven = true
    }
  } catch (error) {
    if (error instanceof NoKey) {
      notBefore = after(now(), minutes(1))
      log.error({ event: 'keyMissing', webhookId: webhook.id, err: error }, 'this process has not the key of a webhook’s secret; see posthorn doctor')
    } else if (!(error instanceof NothingMatched)) throw error // changed by a person, or another engine has it: that one does the rest
  } finally {
    await db
      .update(webhooks)
      .set({ leaseUntil: after(now(), -seconds(mostSecondsApart)), ...(notBefore && { notBefore }) }) // over, by any machine's clock
      .where(and(eq(webhooks.id, webhook.id), eq(webhooks.leaseNumber, webhook.leaseNumber)))
  }
}

const listDue = (db: Db, { id }: Webhook, limit: number) =>
  db
    .select()
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.webhookId, id), eq(webhookDeliveries.state, 'pending'), lte(webhookDeliveries.dueAt, now())))
    .orderBy(asc(webhookDeliveries.dueAt), asc(webhookDeliveries.id))
    .limit(limit)

/** Whether to go on with the next one. */
async function deliverOne(db: Db, { mode, signal, deadlineMs }: Deliverer, webhook: Webhook, delivery: WebhookDelivery): Promise<boolean> {
  const body = await composePayload(db, delivery)
  const posted = await postEvent({ url: webhook.url, headers: signedHeaders(webhook, { id: delivery.id, body }), body, mode, signal, deadlineMs })
  if (posted.error === 'stopped') return false
  webhookPosts.inc({ result: posted.status === null ? 'unreachable' : `${Math.floor(posted.status / 100)}xx` })
  const verdict = judge(webhook, delivery, posted)
  await record(db, webhook, delivery, { posted, verdict })
  log.info({ event: 'webhook', webhookId: webhook.id, deliveryId: delivery.id, status: posted.status, error: posted.error, durationMs: posted.durationMs })
  return !verdict.stops
}

/** What became of one delivery, and what that says of the webhook, in one write under the lease. */
async function record(db: Db, webhook: Webhook, delivery: WebhookDelivery, { posted, verdict }: { posted: Posted; verdict: Verdict }): Promise<void> {
  const at = now()
  const { status, error, text, durationMs } = posted
  const earlier = (delivery.attempts ?? []) as DeliveryAttempt[]
  const attempts = [...earlier, { at: at.toISOString(), status, error, text, durationMs }].slice(-attemptsKept)
  const notices = verdict.webhook.disabledBecause ? await prepareDisabledNotices(db, webhook, verdict.webhook.disabledBecause) : []
  const isGivenUp = verdict.delivery.state === 'failed' && !verdict.webhook.disabledBecause
  const [, , idle = []] = await atomically(db, tx => [
    must(
      tx
        .update(webhooks)
        .set(verdict.webhook)
        .where(and(eq(webhooks.id, webhook.id), eq(webhooks.leaseNumber, webhook.leaseNumber)))
        .returning({ id: webhooks.id }),
    ),
    tx
      .update(webhookDeliveries)
      .set({ ...verdict.delivery, attempts, attemptCount: delivery.attemptCount + 1 })
      .where(and(eq(webhookDeliveries.id, delivery.id), eq(webhookDeliveries.state, 'pending'))),
    ...(verdict.webhook.disabledBecause
      ? [
          tx
            .update(webhookDeliveries)
            .set({ state: 'failed', dueAt: null, endedAt: at })
            .where(and(eq(webhookDeliveries.webhookId, webhook.id), eq(webhookDeliveries.state, 'pending'))),
        ]
      : []),
    ...(isGivenUp ? [endRun(tx, webhook)] : []),
    ...notices.flatMap(notice => notice.statements(tx)),
  ])
  Object.assign(webhook, verdict.webhook, idle.length > 0 ? { failureCount: 0 } : {}) // the next one of this turn counts on
}

/** Days without a success count only while there is something to deliver: when nothing more waits, the next failure is a first one again. */
const endRun = (tx: Db, { id }: Webhook) => {
  const pending = tx
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.webhookId, id), eq(webhookDeliveries.state, 'pending')))
  return tx
    .update(webhooks)
    .set({ failureCount: 0 })
    .where(and(eq(webhooks.id, id), notExists(pending)))
    .returning({ id: webhooks.id })
}
