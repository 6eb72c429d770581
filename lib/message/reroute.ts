import { and, eq, inArray, isNull, ne } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Message, messageBodies, messages } from '@/db/schema'
import { findAccount, findOrCreateAccount, wakeAccount } from '@/lib/account/find-account'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { getRoute } from '@/lib/sender/resolve-route'
import type { Route } from '@/lib/sender/route'
import { findRaw } from './body-of'
import { accountOf } from './prepare-message'
import { rewriteForRoute } from './rewrite-raw'
import { waitWithPausedAccount } from './store-messages'

/** How many messages of a card wait with another route than the one that holds now. */
export async function countReroutable(db: Db, actor: Actor, { code }: { code: string }): Promise<number> {
  return (await listReroutable(db, actor, await routeOf(db, actor, code))).length
}

/**
 * Sends a card's waiting messages by the route that holds now, under the Message-ID and date they were queued with. What came as
 * bytes stays as it came, but for From and Reply-To.
 * One that ever reached the end of its data never moves. Gives how many did.
 * @throws Refusal `noEmail` when the route cannot write mail
 */
export async function sendWaitingByNewRoute(db: Db, actor: Actor, { code }: { code: string }): Promise<number> {
  const route = await routeOf(db, actor, code)
  if (!route.from || !route.envelopeSender) throw new Refusal('noEmail')
  const { id: accountId } = await findOrCreateAccount(db, actor.tenantId, accountOf(route))
  let moved = 0
  for (const message of await listReroutable(db, actor, route)) {
    if (await move(db, message, route, accountId)) moved++
  }
  return moved
}

async function routeOf(db: Db, actor: Actor, code: string): Promise<Route> {
  if (code !== actor.code) assertAdmin(actor)
  return getRoute(db, actor, { code })
}

async function listReroutable(db: Db, actor: Actor, route: Route): Promise<Message[]> {
  const account = await findAccount(db, actor.tenantId, accountOf(route).identity)
  const waiting = await db
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.tenantId, actor.tenantId),
        eq(messages.cardId, route.cardId),
        inArray(messages.state, ['queued', 'waiting']),
        ne(messages.kind, 'test'),
        isNull(messages.dataAt),
      ),
    )
  return waiting.filter(message => message.accountId !== account?.id || !isWrittenFor(message, route))
}

const isWrittenFor = (message: Message, { from, replyTo, envelopeSender }: Route) =>
  message.fromAddress === from?.value.address && message.replyTo === (replyTo?.value ?? null) && message.envelopeSender === envelopeSender?.value

async function move(db: Db, message: Message, { from, replyTo, envelopeSender }: Route, accountId: string): Promise<boolean> {
  if (!from || !envelopeSender) return false
  const author = { from: from.value, replyTo: replyTo?.value ?? null, hadReplyTo: message.replyTo !== null }
  const bytes = await findRaw(db, message.id)
  const rewritten = bytes && rewriteForRoute(bytes, author)
  const fromName = rewritten && rewritten.fromName === null ? message.fromName : author.from.name
  const fresh = { accountId, fromName, fromAddress: author.from.address, replyTo: author.replyTo, envelopeSender: envelopeSender.value }
  try {
    await atomically(db, tx => [
      wakeAccount(accountId),
      must(
        tx
          .update(messages)
          .set({ ...fresh, state: 'queued', waitingFor: null, attemptCount: 0, dueAt: now() })
          .where(and(eq(messages.id, message.id), inArray(messages.state, ['queued', 'waiting']), isNull(messages.dataAt)))
          .returning({ id: messages.id }),
      ),
      ...(rewritten ? [tx.update(messageBodies).set({ raw: rewritten.raw }).where(eq(messageBodies.messageId, message.id))] : []),
      waitWithPausedAccount(message.id),
    ])
    return true
  } catch (error) {
    if (error instanceof NothingMatched) return false // an engine was faster
    throw error
  }
}
