import { and, eq } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Card, cards, logins } from '@/db/schema'
import { now } from '@/lib/clock'
import { allOf, Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { passwordStatements } from '@/lib/login/login'
import { hashPassword, makePassword } from '@/lib/login/password'
import { assertNotEventAddress } from './card-email'

export type NewCard = { code: string; name: string; email: string | null; loginEmail: string | null; role: Card['role']; isConfirmed: boolean }
export type MadeCard = { cardId: string; loginId: string; firstPassword: string | null }

/**
 * What is done with a person who signs in already, in another company. An admin made that login, for an address that nobody has
 * confirmed, and was shown its password: who gets a card with it here may be somebody else. So no company may link it by itself, and
 * the operator gives it a new password, unless it is known to be the person's own.
 */
export type Linking = 'refused' | 'newPassword' | 'samePassword'

/**
 * Makes a card of a company, and a login with a first password for a person who has none. `firstPassword` is null for one who keeps
 * the password.
 * @throws Refusal `codeTaken`, `personHasCard`, `loginEmailNeeded`, `emailIsEventAddress`, `loginElsewhere` at their fields
 */
export async function addCard(db: Db, tenantId: string, card: NewCard, linking: Linking = 'refused'): Promise<MadeCard> {
  const [, { loginEmail, login }] = await allOf(assertCodeFree(db, tenantId, card.code), findLogin(db, tenantId, card))
  // last, and of a card that would be made: who signs in elsewhere is not to be asked without a trace
  if (login && linking === 'refused') throw new Refusal('loginElsewhere', loginField(card))
  const firstPassword = login && linking === 'samePassword' ? null : makePassword()
  const passwordHash = firstPassword && (await hashPassword(firstPassword))
  const loginId = login?.id ?? newId()
  const row = cardRow({ ...card, tenantId, loginId })
  try {
    await atomically(db, tx => [
      ...(login ? relinked(tx, loginId, passwordHash) : [tx.insert(logins).values({ id: loginId, email: loginEmail, passwordHash, createdAt: row.createdAt })]),
      tx.insert(cards).values(row),
    ])
  } catch (error) {
    await assertCodeFree(db, tenantId, card.code) // somebody took it just now
    await assertNoCard(db, tenantId, { login, field: loginField(card) })
    throw error
  }
  return { cardId: row.id, loginId, firstPassword }
}

/** What is done to the login that there is. */
const relinked = (tx: Db, loginId: string, passwordHash: string | null) => (passwordHash ? passwordStatements(tx, loginId, passwordHash) : [])

/** A new row of a card; an e-mail that `isConfirmed` is so from now on. */
export function cardRow({ tenantId, loginId, code, name, email, role, isConfirmed }: Omit<NewCard, 'loginEmail'> & { tenantId: string; loginId: string }) {
  const at = now()
  return { id: newId(), tenantId, loginId, code, name, email, role, emailConfirmedAt: isConfirmed && email ? at : null, createdAt: at, updatedAt: at }
}

/** @throws Refusal `codeTaken` at `code` */
export async function assertCodeFree(db: Db, tenantId: string, code: string): Promise<void> {
  const [sameCode] = await db
    .select({ id: cards.id })
    .from(cards)
    .where(and(eq(cards.tenantId, tenantId), eq(cards.code, code)))
  if (sameCode) throw new Refusal('codeTaken', 'code', { code })
}

/**
 * What the person signs in with, and the login that there is already.
 * @throws Refusal `loginEmailNeeded`, `emailIsEventAddress`, `personHasCard` at their fields
 */
export async function findLogin(
  db: Db,
  tenantId: string,
  card: Pick<NewCard, 'email' | 'loginEmail'>,
): Promise<{ loginEmail: string; login: { id: string } | undefined }> {
  const loginEmail = (card.loginEmail ?? card.email)?.toLowerCase()
  if (!loginEmail) throw new Refusal('loginEmailNeeded', 'email')
  assertNotEventAddress(card.email)
  const [login] = await db.select({ id: logins.id }).from(logins).where(eq(logins.email, loginEmail))
  await assertNoCard(db, tenantId, { login, field: loginField(card) })
  return { loginEmail, login }
}

/** Where the address that a person signs in with was typed: the form of the page knows the card's e-mail alone. */
const loginField = ({ loginEmail }: Pick<NewCard, 'loginEmail'>) => (loginEmail ? 'loginEmail' : 'email')

async function assertNoCard(db: Db, tenantId: string, { login, field }: { login: { id: string } | undefined; field: string }): Promise<void> {
  if (!login) return
  const [samePerson] = await db
    .select({ code: cards.code })
    .from(cards)
    .where(and(eq(cards.tenantId, tenantId), eq(cards.loginId, login.id)))
  if (samePerson) throw new Refusal('personHasCard', field, { code: samePerson.code })
}
