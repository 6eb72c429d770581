import { and, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { cards } from '@/db/schema'
import { findFirstCompany, findSession } from '@/lib/login/session'
import type { Actor } from './actor'

/** Who this session is, in the company it works in; null when it ended, was revoked, or its card is not active. */
export async function findActor(db: Db, sessionId: string): Promise<Actor | null> {
  const session = await findSession(db, sessionId)
  const tenantId = session && (session.tenantId ?? (await findFirstCompany(db, session.loginId)))
  if (!tenantId) return null
  const own = and(eq(cards.tenantId, tenantId), eq(cards.loginId, session.loginId), eq(cards.isActive, true))
  const [card] = await db.select({ id: cards.id, code: cards.code, role: cards.role }).from(cards).where(own)
  return card ? { tenantId, cardId: card.id, code: card.code, loginId: session.loginId, role: card.role } : null
}
