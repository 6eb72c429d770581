import { and, asc, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Card, cards, logins, type Tenant } from '@/db/schema'
import { resumeAccountsOf } from '@/lib/account/account'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { setPassword } from '@/lib/login/login'
import { makePassword } from '@/lib/login/password'
import { findTenant } from '@/lib/tenant/tenant'
import { addCard, type Linking, type MadeCard, type NewCard } from './new-card'

/** What the operator's command line does with cards: of any company, named by its short name, without an actor. */
type CompanyAndCode = { slug: string; code: string }

/** @throws Refusal `companyNotFound`, and those of `addCard` */
export async function addCardAsOperator(db: Db, { slug, linking, ...card }: NewCard & { slug: string; linking?: Linking }): Promise<MadeCard> {
  return addCard(db, (await getTenantBySlug(db, slug)).id, card, linking)
}

/** Every card of a company, by its code, for who runs the installation. @throws Refusal `companyNotFound` */
export async function listCardsAsOperator(db: Db, { slug }: { slug: string }) {
  const tenant = await getTenantBySlug(db, slug)
  const rows = await db
    .select({ card: cards, loginEmail: logins.email })
    .from(cards)
    .innerJoin(logins, eq(logins.id, cards.loginId))
    .where(eq(cards.tenantId, tenant.id))
    .orderBy(asc(cards.code))
  return rows.map(({ card: { code, name, email, role, isActive, emailConfirmedAt }, loginEmail }) => ({
    code,
    name,
    email,
    isEmailConfirmed: emailConfirmedAt !== null,
    role,
    isActive,
    loginEmail,
  }))
}

/** Sets a password, or makes one, and signs the person out everywhere. Gives the one that was made. */
export async function setPasswordAsOperator(
  db: Db,
  { password, ...who }: CompanyAndCode & { password: string | undefined },
): Promise<{ madePassword: string | null }> {
  const { loginId } = await getCardOf(db, who)
  const madePassword = password === undefined ? makePassword() : null
  await setPassword(db, loginId, password ?? madePassword ?? '')
  return { madePassword }
}

/**
 * Takes a card's e-mail as confirmed by its owner; what waited for that leaves.
 * @throws Refusal `companyNotFound`, `cardNotFound`, `noEmail`; `emailChanged` when an admin gave the card another one meanwhile
 */
export async function confirmEmailAsOperator(db: Db, who: CompanyAndCode): Promise<{ email: string }> {
  const { id, tenantId, email } = await getCardOf(db, who)
  if (email === null) throw new Refusal('noEmail')
  const [confirmed] = await db
    .update(cards)
    .set({ emailConfirmedAt: now() })
    .where(and(eq(cards.id, id), eq(cards.email, email)))
    .returning({ id: cards.id })
  if (!confirmed) throw new Refusal('emailChanged')
  await resumeAccountsOf(db, { tenantId, cardId: id })
  return { email }
}

async function getCardOf(db: Db, { slug, code }: CompanyAndCode): Promise<Card> {
  const tenant = await getTenantBySlug(db, slug)
  const [card] = await db
    .select()
    .from(cards)
    .where(and(eq(cards.tenantId, tenant.id), eq(cards.code, code.toUpperCase())))
  if (!card) throw new Refusal('cardNotFound')
  return card
}

async function getTenantBySlug(db: Db, slug: string): Promise<Tenant> {
  const tenant = await findTenant(db, slug)
  if (!tenant) throw new Refusal('companyNotFound', undefined, { slug })
  return tenant
}
