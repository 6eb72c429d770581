import { and, asc, eq, gt, isNull } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { cards, type Login, logins, type Session, sessions } from '@/db/schema'
import { after, days, now } from '@/lib/clock'
import { newId } from '@/lib/id'

export const sessionLastsMs = days(30)

/** Signs a login in, in the given company or the first one where its card is active. Gives the session's id. */
export async function createSession(db: Db, loginId: string, tenantId?: string): Promise<string> {
  const session = newSession(loginId, tenantId ?? (await findFirstCompany(db, loginId)))
  await db.insert(sessions).values(session)
  return session.id
}

/**
 * The same for whoever has typed the password of this hash, unless another was set meanwhile: that one signs out everywhere, and a
 * sign-in that was under way must not outlive it. The row of the login is held, so that one of the two is first. Null: it was changed.
 */
export async function createSessionByPassword(db: Db, { id, passwordHash }: Pick<Login, 'id' | 'passwordHash'>, tenantId: string): Promise<string | null> {
  const session = newSession(id, tenantId)
  const isSame = and(eq(logins.id, id), eq(logins.passwordHash, passwordHash ?? ''))
  try {
    await atomically(db, tx => [must(tx.update(logins).set({ passwordHash }).where(isSame).returning({ id: logins.id })), tx.insert(sessions).values(session)])
  } catch (error) {
    if (error instanceof NothingMatched) return null
    throw error
  }
  return session.id
}

function newSession(loginId: string, tenantId: string | null): typeof sessions.$inferInsert {
  const at = now()
  return { id: newId(), loginId, tenantId, createdAt: at, expiresAt: after(at, sessionLastsMs) }
}

/** The session, unless it has ended or was revoked. */
export async function findSession(db: Db, sessionId: string): Promise<Session | null> {
  const valid = and(eq(sessions.id, sessionId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now()))
  const [session] = await db.select().from(sessions).where(valid)
  return session ?? null
}

/** From now on nobody acts by it. One that has ended, or never was, is left as it is. */
export async function revokeSession(db: Db, sessionId: string): Promise<void> {
  await db
    .update(sessions)
    .set({ revokedAt: now() })
    .where(and(eq(sessions.id, sessionId), isNull(sessions.revokedAt)))
}

/** Where a person works unless they choose: the company of their oldest active card. Null: they have none. */
export async function findFirstCompany(db: Db, loginId: string): Promise<string | null> {
  const [first] = await db
    .select({ tenantId: cards.tenantId })
    .from(cards)
    .where(and(eq(cards.loginId, loginId), eq(cards.isActive, true)))
    .orderBy(asc(cards.createdAt), asc(cards.id)) // not where others have put them since
    .limit(1)
  return first?.tenantId ?? null
}

/** Signs a person out where they work in one company; they may go on in another. */
export async function revokeSessionsIn(db: Db, { tenantId, loginId }: { tenantId: string; loginId: string }): Promise<void> {
  const there = and(eq(sessions.loginId, loginId), eq(sessions.tenantId, tenantId), isNull(sessions.revokedAt))
  await db.update(sessions).set({ revokedAt: now() }).where(there)
}
