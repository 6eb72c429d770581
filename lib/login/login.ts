import { and, asc, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { cards, type Login, logins, sessions, tenants } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { Refusal } from '@/lib/errors'
import type { Language } from '@/lib/language'
import { hashPassword } from './password'
import { revokeAllSessions } from './session'

export type Company = { tenantId: string; slug: string; name: string; code: string }

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
  await db
    .update(logins)
    .set({ passwordHash: await hashPassword(password) })
    .where(eq(logins.id, loginId))
  await revokeAllSessions(db, loginId)
}

async function getLoginRow(db: Db, loginId: string): Promise<Login> {
  const [login] = await db.select().from(logins).where(eq(logins.id, loginId))
  if (!login) throw new Error(`login ${loginId} does not exist`)
  return login
}
