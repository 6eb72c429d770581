import { and, asc, eq, ne, sql } from 'drizzle-orm'
import { carryOut, must, type Plan, type Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Card, cards, logins, type SenderChoice, senders, sendingPolicies, tenants } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { allOf, Refusal } from '@/lib/errors'
import { revokeSessionsIn } from '@/lib/login/session'
import { countDependants } from '@/lib/sender/followers'
import { loadCompanyFacts } from '@/lib/sender/route-facts'
import type { CardInput, NewCardInput, OwnCardInput } from './card.form'
import { assertNotEventAddress } from './card-email'
import { addCard, assertCodeFree, findLogin } from './new-card'
import { requireCard } from './require-card'

export type CardView = Pick<Card, 'code' | 'name' | 'email' | 'role' | 'isActive' | 'bcc' | 'signature' | 'version' | 'updatedAt'> & {
  isEmailConfirmed: boolean
  loginEmail: string
}
export type CardRow = Pick<Card, 'code' | 'name' | 'email' | 'role' | 'isActive'> & { isEmailConfirmed: boolean; choice: SenderChoice; isBase: boolean }

/** The card that acts. */
export const getOwnCard = (db: Db, actor: Actor): Promise<CardView> => getCard(db, actor, { code: actor.code })

/** One's own card or, for an admin, any of the company. @throws Refusal `notAdmin`, `cardNotFound` */
export async function getCard(db: Db, actor: Actor, { code }: { code: string }): Promise<CardView> {
  const card = await requireCard(db, actor, code)
  const [login] = await db.select({ email: logins.email }).from(logins).where(eq(logins.id, card.loginId))
  const { name, email, role, isActive, bcc, signature, version, updatedAt } = card
  return {
    code,
    name,
    email,
    role,
    isActive,
    bcc,
    signature,
    version,
    updatedAt,
    isEmailConfirmed: card.emailConfirmedAt !== null,
    loginEmail: login?.email ?? '',
  }
}

/** The company's cards by code; `search` looks in code, name and e-mail. */
export async function listCards(db: Db, actor: Actor, { search = '' }: { search?: string } = {}): Promise<CardRow[]> {
  assertAdmin(actor)
  const rows = await db
    .select({ card: cards, choice: senders.choice, baseCardId: sendingPolicies.baseCardId })
    .from(cards)
    .leftJoin(senders, eq(senders.cardId, cards.id))
    .leftJoin(sendingPolicies, eq(sendingPolicies.tenantId, cards.tenantId))
    .where(eq(cards.tenantId, actor.tenantId))
    .orderBy(asc(cards.code))
  const wanted = search.trim().toLowerCase()
  return rows
    .filter(({ card }) => [card.code, card.name, card.email ?? ''].some(text => text.toLowerCase().includes(wanted)))
    .map(({ card, choice, baseCardId }) => {
      const { code, name, email, role, isActive } = card
      return {
        code,
        name,
        email,
        role,
        isActive,
        isEmailConfirmed: card.emailConfirmedAt !== null,
        choice: choice ?? 'platform',
        isBase: card.id === baseCardId,
      }
    })
}

/**
 * Makes a card; its e-mail is not confirmed yet. A new person gets a first password, shown once.
 * @throws Refusal `notAdmin`; `codeTaken`, `personHasCard`, `loginEmailNeeded`, `emailIsEventAddress`, `loginElsewhere` at their fields
 */
export async function createCard(db: Db, actor: Actor, input: NewCardInput): Promise<{ card: CardView; firstPassword: string }> {
  assertAdmin(actor)
  const { firstPassword } = await addCard(db, actor.tenantId, { ...input, isConfirmed: false })
  return { card: await getCard(db, actor, { code: input.code }), firstPassword: firstPassword as string } // null is only for a person of another company, who is refused
}

/** What `createCard` would refuse of those fields that are well by themselves, but for `loginElsewhere`. @throws Refusal as `createCard` */
export async function assertNewCard(db: Db, actor: Actor, { code, email, loginEmail }: Partial<NewCardInput>): Promise<void> {
  assertAdmin(actor)
  await allOf(
    code === undefined ? Promise.resolve() : assertCodeFree(db, actor.tenantId, code),
    email === undefined || loginEmail === undefined ? Promise.resolve() : findLogin(db, actor.tenantId, { email, loginEmail }),
  )
}

/**
 * What an admin's save of a card would write. Another e-mail must be confirmed by its owner again; whose card is no longer active can no
 * longer act in this company, and is signed out of it.
 * @throws Refusal `notAdmin`, `cardNotFound`, `stale`; `lastAdmin` at `role`; `emailIsEventAddress` at `email`; `baseOf` while others send by this card
 */
export async function planCard(db: Db, actor: Actor, { isActive, ...input }: CardInput & { isActive: boolean }): Promise<Plan> {
  assertAdmin(actor)
  const card = await requireCard(db, actor, input.code)
  const { name, email, role, bcc, signature, version } = input
  assertNotEventAddress(email)
  const emailConfirmedAt = email === card.email ? card.emailConfirmedAt : null
  const fields = { name, email, emailConfirmedAt, role, bcc, signature, isActive }
  if (card.isActive && !isActive) return planDeactivation(db, card, { version, fields })
  return planUpdate(card, { version, fields, endsAdmin: card.role === 'admin' && role === 'user' })
}

/** A person saves their own card. @throws Refusal `stale` */
export const saveOwnCard = async (db: Db, actor: Actor, input: OwnCardInput): Promise<void> => carryOut(db, [await planOwnCard(db, actor, input)])

/** What `saveOwnCard` would write. */
export async function planOwnCard(db: Db, actor: Actor, { version, ...fields }: OwnCardInput): Promise<Plan> {
  return planUpdate(await requireCard(db, actor, actor.code), { version, fields })
}

async function planDeactivation(db: Db, card: Card, { version, fields }: Pick<CardChange, 'version' | 'fields'>): Promise<Plan> {
  const company = await loadCompanyFacts(db, card.tenantId)
  if (company.baseCardId === card.id) throw new Refusal('baseOf', undefined, { code: card.code, count: countDependants(company, card.id) })
  const lockPolicy = (tx: Db) =>
    tx
      .update(sendingPolicies)
      .set({ version: company.policyVersion })
      .where(and(eq(sendingPolicies.tenantId, card.tenantId), eq(sendingPolicies.version, company.policyVersion)))
      .returning({ id: sendingPolicies.tenantId })
  const plan = planUpdate(card, {
    version,
    fields,
    endsAdmin: card.role === 'admin',
    besides: tx => (company.policyVersion > 0 ? [must(lockPolicy(tx))] : []),
  })
  return { ...plan, afterwards: () => revokeSessionsIn(db, card) }
}

type CardChange = { version: number; fields: Partial<Card>; endsAdmin?: boolean; besides?: (tx: Db) => Step[] }

/**
 * Writes a card if nobody did since `version`. When it may end an admin (`endsAdmin`) the company's row is held, so that two
 * admins who demote each other at once do not leave a company that could never be mended from inside.
 */
function planUpdate(card: Card, { version, fields, endsAdmin = false, besides = () => [] }: CardChange): Plan {
  const otherAdmin = and(eq(cards.tenantId, card.tenantId), eq(cards.role, 'admin'), eq(cards.isActive, true), ne(cards.id, card.id))
  const asRead = and(eq(cards.id, card.id), eq(cards.tenantId, card.tenantId), eq(cards.version, version))
  return {
    statements: tx => [
      tx
        .update(tenants)
        .set({ version: sql`${tenants.version}` })
        .where(eq(tenants.id, card.tenantId)),
      ...(endsAdmin ? [must(tx.select({ id: cards.id }).from(cards).where(otherAdmin).limit(1))] : []),
      ...besides(tx),
      must(
        tx
          .update(cards)
          .set({ ...fields, version: sql`${cards.version} + 1`, updatedAt: now() })
          .where(asRead)
          .returning({ id: cards.id }),
      ),
    ],
    refusal: position => (endsAdmin && position === 1 ? new Refusal('lastAdmin', 'role') : new Refusal('stale')),
    afterwards: async () => undefined,
  }
}
