import { and, eq, isNotNull } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { cards } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'

/** Where tests go first: the actor's own e-mail, if its owner confirmed it. */
export async function findOwnAddress(db: Db, actor: Actor): Promise<string | null> {
  const [own] = await db
    .select({ email: cards.email })
    .from(cards)
    .where(and(eq(cards.id, actor.cardId), eq(cards.tenantId, actor.tenantId), isNotNull(cards.emailConfirmedAt)))
  return own?.email ?? null
}
