import { and, asc, eq, isNull } from 'drizzle-orm'
import { atomically, type Statement } from '@/db/atomically'
import type { Db } from '@/db/client'
import { cards, type Login, logins, sessions, tenants } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import type { Language } from '@/lib/language'
import { hashPassword } from './password'

export type Company = { tenantId: string; slug: string; name: string; code: string }

/** Who signs in behind this card. `language` null: as the browser asks. `hasPassword` false: nobody can sign in by one. */
export async function getLogin(db: Db, actor: Actor): Promise<{ id: string; email: string; language: Language | null; hasPassword: boolean }> {
  const { id, email, language, passwordHash } = await getLoginRow(db, actor.loginId)
  return { id, email, language, hasPassword: passwordHash !== null }
}

/** null: as the browser asks. */
export async function saveLanguage(db: Db, actor: Actor, { language }: { language: Language | null }): Promise<void> {
  await db.update(logins).set({ language }).where(eq(logins.id, actor.loginId))
}

/** The companies where the actor's login has an active card. */
export function listCompanies(db: Db, actor: Actor): Promise<Company[]> {
  return db
    .select({ tenantId: tenants.id, slug: tenants.slug, name: tenants.name, code: cards.code })
    .from(cards)
    .innerJoin(tenants, eq(tenants.id, cards.tenantId))
    .where(and(eq(cards.loginId, actor.loginId), eq(cards.isActive, true)))
    .orderBy(asc(tenants.name))
}

/**
 * Makes this session work in another company of the same login.
 * @throws Refusal `companyNotFound`, also for a company the login has no active card in
 */
export async function switchCompany(db: Db, actor: Actor, sessionId: string, { slug }: { slug: string }): Promise<void> {
  const company = (await listCompanies(db, actor)).find(candidate => candidate.slug === slug)
  if (!company) throw new Refusal('companyNotFound')
  await db
    .update(sessions)
    .set({ tenantId: company.tenantId })
    .where(and(eq(sessions.id, sessionId), eq(sessions.loginId, actor.loginId)))
}

/** Sets a password for a login and signs it out everywhere. @throws Refusal `passwordTooShort`, `passwordTooLong` at `password` */
export async function setPassword(db: Db, loginId: string, password: string): Promise<void> {
  const passwordHash = await hashPassword(password)
  await atomically(db, tx => passwordStatements(tx, loginId, passwordHash))
}

/** The statements of it, for a write of more. */
export const passwordStatements = (tx: Db, loginId: string, passwordHash: string): Statement[] => [
  tx.update(logins).set({ passwordHash }).where(eq(logins.id, loginId)),
  tx
    .update(sessions)
    .set({ revokedAt: now() })
    .where(and(eq(sessions.loginId, loginId), isNull(sessions.revokedAt))),
]

async function getLoginRow(db: Db, loginId: string): Promise<Login> {
  const [login] = await db.select().from(logins).where(eq(logins.id, loginId))
  if (!login) throw new Error(`login ${loginId} does not exist`)
  return login
}
