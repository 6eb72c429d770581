import { and, eq, inArray } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { cards, messages } from '@/db/schema'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { codePattern } from '@/lib/card/card-code'
import { isId } from '@/lib/id'

/** The messages an actor may see and act on: their own, an admin all of the company's. */
export const visibleTo = (actor: Actor) => and(eq(messages.tenantId, actor.tenantId), isAdmin(actor) ? undefined : eq(messages.cardId, actor.cardId))

/** Of these ids; what is no id finds nothing. */
export const visibleOf = (actor: Actor, ids: string[]) => and(visibleTo(actor), inArray(messages.id, ids.filter(isId)))

/** Those of the card with this code, by its id, so that the index of a card's messages serves; a code nobody has finds nothing. */
export async function ofCard(db: Db, tenantId: string, code: string | undefined) {
  if (!code) return undefined
  const wanted = code.trim().toUpperCase()
  const named = and(eq(cards.tenantId, tenantId), eq(cards.code, wanted))
  const [card] = codePattern.test(wanted) ? await db.select({ id: cards.id }).from(cards).where(named) : []
  return eq(messages.cardId, card?.id ?? '')
}
