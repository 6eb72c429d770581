import { and, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Card, cards } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { Refusal } from '@/lib/errors'
import { codePattern } from './card-code'

/**
 * One's own card or, for an admin, any of the company.
 * @throws Refusal `notAdmin` for another's card, whether it exists or not; `cardNotFound`
 */
export async function requireCard(db: Db, actor: Actor, code: string): Promise<Card> {
  if (code !== actor.code) assertAdmin(actor)
  const named = and(eq(cards.tenantId, actor.tenantId), eq(cards.code, code))
  const [card] = codePattern.test(code) ? await db.select().from(cards).where(named) : []
  if (!card) throw new Refusal('cardNotFound')
  return card
}
