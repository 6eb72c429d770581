import { and, eq, inArray } from 'drizzle-orm'
import { messages } from '@/db/schema'
import { type Actor, isAdmin } from '@/lib/actor/actor'

/** The messages an actor may see and act on: their own, an admin all of the company's. */
export const visibleTo = (actor: Actor) => and(eq(messages.tenantId, actor.tenantId), isAdmin(actor) ? undefined : eq(messages.cardId, actor.cardId))

export const visibleOf = (actor: Actor, ids: string[]) => and(visibleTo(actor), inArray(messages.id, ids))
