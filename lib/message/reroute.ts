import { and, asc, count, eq, gt, inArray, isNull, like, ne, not, or, type SQL, sql } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Message, messageBodies, messages } from '@/db/schema'
import { findAccount, findOrCreateAccount, wakeAccounts } from '@/lib/account/find-account'
import { holdAccounts } from '@/lib/account/hold-accounts'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { getRoute } from '@/lib/sender/resolve-route'
import type { Route } from '@/lib/sender/route'
import { factsOf, loadCompanyFacts } from '@/lib/sender/route-facts'
import { resolveRoute } from '@/lib/sender/route-rules'
import { findRaw } from './body-of'
import { dueFrom } from './due-at'
import { isInNoHand } from './in-hand'
import { accountOf } from './prepare-message'
import { rewriteForRoute } from './rewrite-raw'
import { agreeWithAccount } from './store-messages'

const atOnce = 500
const cardsAtOnce = 100 // of one condition: SQLite takes them a thousand deep

/** So many are counted at most, and mean at least so many: the sentences of card.reroute say so of this number. */
export const mostCounted = 10_000

/** How many messages of a card wait with another route than the one that holds now, up to `mostCounted`. @throws Refusal as `sendWaitingByNewRoute`, but for `noEmail` */
export async function countReroutable(db: Db, actor: Actor, { code }: { code: string }): Promise<number> {
  return countWhere(db, and(waitsIn(actor), await goesElsewhere(db, actor, await routeOf(db, actor, code))), mostCounted)
}

/** How many messages of the company do, of all cards whose route can be sent by, up to `mostCounted`. @throws Refusal `notAdmin` */
export async function countAllReroutable(db: Db, actor: Actor): Promise<number> {
  const routes = await openRoutes(db, actor)
  let counted = 0
  while (routes.length > 0 && counted < mostCounted) {
    const some = await Promise.all(routes.splice(0, cardsAtOnce).map(route => goesElsewhere(db, actor, route)))
    counted += await countWhere(db, and(waitsIn(actor), or(...some)), mostCounted - counted)
  }
  return counted
}

/**
 * Sends a card's waiting messages by the route that holds now, under the Message-ID and date they were queued with. What came as
 * bytes stays as it came, but for From and Reply-To.
 * One that ever reached the end of its data never moves. Gives how many did.
 * @throws Refusal `notAdmin` for another's card; `cardNotFound`; `noEmail` when the route cannot write mail
 */
export async function sendWaitingByNewRoute(db: Db, actor: Actor, { code }: { code: string }): Promise<number> {
  const route = await routeOf(db, actor, code)
  if (!route.from || !route.envelopeSender) throw new Refusal('noEmail')
  return moveAll(db, actor, route)
}

/** The same for every card of the company whose route can be sent by: after a change of the base user or the policy. @throws Refusal `notAdmin` */
export async function sendAllWaitingByNewRoute(db: Db, actor: Actor): Promise<number> {
  let moved = 0
  for (const route of await openRoutes(db, actor)) moved += await moveAll(db, actor, route)
  return moved
}

async function routeOf(db: Db, actor: Actor, code: string): Promise<Route> {
  if (code !== actor.code) assertAdmin(actor)
  return getRoute(db, actor, { code })
}

/** The routes of the company's cards that have mail waiting, but for those that lack something. */
async function openRoutes(db: Db, actor: Actor): Promise<Route[]> {
  assertAdmin(actor)
  const waiting = await db.selectDistinct({ cardId: messages.cardId }).from(messages).where(waitsIn(actor))
  if (waiting.length === 0) return []
  const ids = waiting.map(({ cardId }) => cardId)
  const company = await loadCompanyFacts(db, actor.tenantId, ids)
  return ids.map(cardId => resolveRoute(factsOf(company, cardId))).filter(({ problem }) => problem === null)
}

async function countWhere(db: Db, where: SQL | undefined, most: number): Promise<number> {
  const some = db.select({ id: messages.id }).from(messages).where(where).limit(most).as('some')
  const [found] = await db.select({ count: count() }).from(some)
  return Number(found?.count ?? 0)
}

/**
 * Our own notices, of a paused account or a webhook, leave from the event domain and want no answer; a card's mail from there always names
 * the card. They stay on the relay: the route that holds now may be the very one they report.
 */
const isOurs = and(like(messages.fromAddress, `%@${env.platform.eventDomain}`), isNull(messages.replyTo)) as SQL

/** It waits, and never reached the end of its data. */
const mayMove = and(inArray(messages.state, ['queued', 'waiting']), isNull(messages.dataAt), ne(messages.kind, 'test'), not(isOurs))

const waitsIn = ({ tenantId }: Actor) => and(eq(messages.tenantId, tenantId), mayMove)

/** The card's mail in another queue than the route's, or written for another author. */
async function goesElsewhere(db: Db, actor: Actor, route: Route): Promise<SQL | undefined> {
  const { from, replyTo, envelopeSender } = route
  const account = await findAccount(db, actor.tenantId, accountOf(route).identity)
  return and(
    eq(messages.cardId, route.cardId),
    or(
      ne(messages.accountId, account?.id ?? ''),
      ne(messages.fromAddress, from?.value.address ?? ''),
      ne(messages.envelopeSender, envelopeSender?.value ?? ''),
      sql`${messages.replyTo} is distinct from ${replyTo?.value ?? null}`,
    ),
  )
}

async function moveAll(db: Db, actor: Actor, route: Route): Promise<number> {
  const { id: accountId } = await findOrCreateAccount(db, actor.tenantId, accountOf(route))
  const isMoving = and(waitsIn(actor), await goesElsewhere(db, actor, route))
  let [moved, behind]: [number, string | undefined] = [0, '']
  while (behind !== undefined) {
    const some: Message[] = await db
      .select()
      .from(messages)
      .where(and(isMoving, gt(messages.id, behind)))
      .orderBy(asc(messages.id))
      .limit(atOnce)
    for (const message of some) if (await move(db, message, route, accountId)) moved++
    behind = some.at(-1)?.id
  }
  return moved
}

async function move(db: Db, message: Message, { from, replyTo, envelopeSender }: Route, accountId: string): Promise<boolean> {
  if (!from || !envelopeSender) return false
  const author = { from: from.value, replyTo: replyTo?.value ?? null, hadReplyTo: message.replyTo !== null }
  const bytes = await findRaw(db, message.id)
  const rewritten = bytes && rewriteForRoute(bytes, author)
  const fromName = rewritten && rewritten.fromName === null ? message.fromName : author.from.name
  const fresh = { accountId, fromName, fromAddress: author.from.address, replyTo: author.replyTo, envelopeSender: envelopeSender.value }
  try {
    await atomically(db, tx => [
      ...holdAccounts([...new Set([message.accountId, accountId])], 'alone'),
      ...wakeAccounts([accountId]),
      must(
        tx
          .update(messages)
          .set({ ...fresh, state: 'queued', waitingFor: null, attemptCount: 0, dueAt: dueFrom(now()) })
          .where(and(eq(messages.id, message.id), mayMove, isInNoHand(tx, [message.accountId])))
          .returning({ id: messages.id }),
      ),
      ...(rewritten ? [tx.update(messageBodies).set({ raw: rewritten.raw }).where(eq(messageBodies.messageId, message.id))] : []),
      ...agreeWithAccount([{ id: message.id, accountId, state: 'queued' }]),
    ])
    return true
  } catch (error) {
    if (error instanceof NothingMatched) return false // an engine was faster
    throw error
  }
}
