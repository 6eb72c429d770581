import { and, asc, eq, isNotNull, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Webhook, webhooks } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { after, hours, now } from '@/lib/clock'
import { resolveAdmittedForHttps } from '@/lib/egress/guard'
import { Refusal } from '@/lib/errors'
import { isId, newId } from '@/lib/id'
import { getMode } from '@/lib/installation/mode'
import { joinEvents, splitEvents, type WebhookEvent } from './event'
import { forgetInterest } from './interest'
import { makeSecret, sealAmongOld, sealSecret } from './secret'
import type { WebhookInput } from './webhook.form'

const most = 20 // of one company
const overlapMs = hours(24)

export type WebhookView = Pick<Webhook, 'id' | 'url' | 'isActive' | 'disabledBecause' | 'failingSince' | 'previousUntil' | 'createdAt'> & {
  events: WebhookEvent[]
}

/** The company's webhooks, without their secrets. @throws Refusal `notAdmin` */
export async function listWebhooks(db: Db, actor: Actor): Promise<WebhookView[]> {
  assertAdmin(actor)
  const rows = await db.select().from(webhooks).where(eq(webhooks.tenantId, actor.tenantId)).orderBy(asc(webhooks.createdAt), asc(webhooks.id))
  return rows.map(shown)
}

/** @throws Refusal `webhookNotFound`, also for another company's */
export async function getWebhook(db: Db, actor: Actor, { id }: { id: string }): Promise<WebhookView> {
  return shown(await getOwn(db, actor, id))
}

/**
 * Makes a webhook and gives its secret, this once.
 * @throws Refusal at `url`: `webhookHttps`, `webhookPort`, `notAdmitted` for a private network, `hostNotFound`; `tooManyWebhooks`
 */
export async function createWebhook(db: Db, actor: Actor, input: WebhookInput): Promise<{ id: string; secret: string }> {
  assertAdmin(actor)
  await assertReachable(db, input.url)
  if ((await listWebhooks(db, actor)).length >= most) throw new Refusal('tooManyWebhooks', undefined, { most })
  const webhook = { id: newId(), tenantId: actor.tenantId }
  const secret = makeSecret()
  await db
    .insert(webhooks)
    .values({ ...webhook, url: input.url, events: joinEvents(input.events), secretSealed: sealSecret(webhook, secret), createdAt: now() })
  forgetInterest()
  return { id: webhook.id, secret }
}

/** Changes the address and what it is told. @throws as `createWebhook` */
export async function saveWebhook(db: Db, actor: Actor, { id, url, events }: WebhookInput & { id: string }): Promise<void> {
  assertAdmin(actor)
  await assertReachable(db, url)
  await change(db, actor, id, { url, events: joinEvents(events), notBefore: null })
}

/** Switches a webhook on, with a clean slate, or off. @throws Refusal `webhookNotFound` */
export async function switchWebhook(db: Db, actor: Actor, { id, isActive }: { id: string; isActive: boolean }): Promise<void> {
  assertAdmin(actor)
  await change(db, actor, id, { isActive, disabledBecause: null, failingSince: null, failureCount: 0, notBefore: null })
}

/** Gives a new secret, this once; those before it sign too, each for a day more, so that the receiver can change over. */
export async function rotateSecret(db: Db, actor: Actor, { id }: { id: string }): Promise<{ secret: string }> {
  assertAdmin(actor)
  const webhook = await getOwn(db, actor, id)
  const secret = makeSecret()
  const until = after(now(), overlapMs)
  const previousSecretSealed = sealAmongOld(webhook, until)
  const old = previousSecretSealed === null ? { previousUntil: null, notBefore: null } : { previousUntil: until }
  const changes = { secretSealed: sealSecret(webhook, secret), previousSecretSealed, ...old }
  const [changed] = await db
    .update(webhooks)
    .set(changes)
    .where(and(own(actor, id), eq(webhooks.secretSealed, webhook.secretSealed))) // two presses at once: one secret is shown, and it is the one
    .returning({ id: webhooks.id })
  if (!changed) throw new Refusal('stale')
  return { secret }
}

/** With everything it was told. @throws Refusal `webhookNotFound` */
export async function deleteWebhook(db: Db, actor: Actor, { id }: { id: string }): Promise<void> {
  assertAdmin(actor)
  const [gone] = await db.delete(webhooks).where(own(actor, id)).returning({ id: webhooks.id })
  if (!gone) throw new Refusal('webhookNotFound')
  forgetInterest()
}

/** For the domain: the row itself, of the actor's company. */
export async function getOwn(db: Db, actor: Actor, id: string): Promise<Webhook> {
  assertAdmin(actor)
  if (!isId(id)) throw new Refusal('webhookNotFound')
  const [webhook] = await db.select().from(webhooks).where(own(actor, id))
  if (!webhook) throw new Refusal('webhookNotFound')
  return webhook
}

/**
 * For what a person sends now: an address that is left in peace is tried at once. While it fails, an engine that waits for its answer
 * starts anew: what that one hears would send it to rest again.
 */
export async function endRest(db: Db, { id }: Webhook): Promise<void> {
  await db
    .update(webhooks)
    .set({ notBefore: null, ...newLease })
    .where(and(eq(webhooks.id, id), isNotNull(webhooks.failingSince)))
}

const newLease = { leaseNumber: sql`${webhooks.leaseNumber} + 1`, leaseUntil: null }

async function change(db: Db, actor: Actor, id: string, changes: Partial<Webhook>): Promise<void> {
  const [changed] = await db
    .update(webhooks)
    .set({ ...changes, ...newLease }) // an engine that delivers to it now starts anew
    .where(own(actor, id))
    .returning({ id: webhooks.id })
  if (!changed) throw new Refusal('webhookNotFound')
  forgetInterest()
}

const own = (actor: Actor, id: string) => and(eq(webhooks.tenantId, actor.tenantId), eq(webhooks.id, id))

/**
 * The name may lead elsewhere tomorrow: it is looked at again at every connection. A sandbox may use http, on its machine's high ports.
 * @throws Refusal at `url`: `webhookHttps`, `webhookPort`, `notAdmitted`, `hostNotFound`
 */
export async function assertReachable(db: Db, url: string): Promise<void> {
  const mode = await getMode(db)
  const { protocol, hostname, port } = new URL(url)
  if (protocol !== 'https:' && mode !== 'sandbox') throw new Refusal('webhookHttps', 'url')
  const host = hostname.replace(/^\[|\]$/g, '')
  try {
    await resolveAdmittedForHttps(host, portOf({ protocol, port }), mode)
  } catch (error) {
    if (!(error instanceof Refusal)) throw new Refusal('hostNotFound', 'url', { host })
    if (error.code !== 'portNotAdmitted') throw error.at('url')
    if (protocol === 'http:' && !port) throw new Refusal('webhookHttps', 'url') // nobody typed the port of http
    throw new Refusal('webhookPort', 'url', error.values)
  }
}

/** The port that a connection goes to, typed or not. */
export const portOf = ({ protocol, port }: Pick<URL, 'protocol' | 'port'>) => (port ? Number(port) : protocol === 'https:' ? 443 : 80)

function shown({ id, url, events, isActive, disabledBecause, failingSince, previousUntil, createdAt }: Webhook): WebhookView {
  const isOverlapping = previousUntil !== null && previousUntil > now()
  return { id, url, events: splitEvents(events), isActive, disabledBecause, failingSince, previousUntil: isOverlapping ? previousUntil : null, createdAt }
}
