import { and, eq, sql } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { cards, type SendingPolicy, senders, sendingPolicies } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { type Followers, mayBeBase, sortByBase } from './followers'
import { type CompanyFacts, factsOf, loadCompanyFacts } from './route-facts'
import type { SendingPolicyInput } from './sending-policy.form'

type SendingPolicyView = Pick<SendingPolicy, 'usersMaySet' | 'authorIsLogin' | 'version'> & {
  baseCode: string | null
  baseName: string | null
  updatedAt: Date | null
}

/** How the company wants its users' mail to leave. Any card may read it: the route it shows depends on it. */
export async function getSendingPolicy(db: Db, actor: Actor): Promise<SendingPolicyView> {
  const [row] = await db
    .select({ policy: sendingPolicies, baseCode: cards.code, baseName: cards.name })
    .from(sendingPolicies)
    .leftJoin(cards, eq(cards.id, sendingPolicies.baseCardId))
    .where(eq(sendingPolicies.tenantId, actor.tenantId))
  if (!row) return { usersMaySet: 'everything', authorIsLogin: false, version: 0, baseCode: null, baseName: null, updatedAt: null }
  const { usersMaySet, authorIsLogin, version, updatedAt } = row.policy
  return { usersMaySet, authorIsLogin, version, updatedAt, baseCode: row.baseCode, baseName: row.baseName }
}

/**
 * Saves the company's policy for its own tenant.
 * @throws Refusal `notAdmin`; `cardNotFound`, `baseInactive`, `baseNotReady` at `baseCode`; `stale` when somebody saved since `version` was read
 */
export async function saveSendingPolicy(db: Db, actor: Actor, input: SendingPolicyInput): Promise<void> {
  assertAdmin(actor)
  const company = await loadCompanyFacts(db, actor.tenantId)
  const baseCardId = findBase(company, input)
  const { usersMaySet, authorIsLogin, version } = input
  const fields = { baseCardId, usersMaySet, authorIsLogin, updatedAt: now() }
  try {
    await atomically(db, tx => [
      must(
        version === 0
          ? tx
              .insert(sendingPolicies)
              .values({ tenantId: actor.tenantId, ...fields })
              .onConflictDoNothing()
              .returning({ tenantId: sendingPolicies.tenantId })
          : tx
              .update(sendingPolicies)
              .set({ ...fields, version: sql`${sendingPolicies.version} + 1` })
              .where(and(eq(sendingPolicies.tenantId, actor.tenantId), eq(sendingPolicies.version, version)))
              .returning({ tenantId: sendingPolicies.tenantId }),
      ),
      ...(baseCardId ? lockBase(tx, company, baseCardId) : []),
    ])
  } catch (error) {
    throw error instanceof NothingMatched ? new Refusal('stale') : error
  }
}

/** Who would follow whom under a policy that is not saved yet. */
export async function previewPolicy(db: Db, actor: Actor, input: Omit<SendingPolicyInput, 'version'>): Promise<Followers> {
  assertAdmin(actor)
  const company = await loadCompanyFacts(db, actor.tenantId)
  const { usersMaySet, authorIsLogin } = input
  return sortByBase({ ...company, baseCardId: findBase(company, input), policy: { usersMaySet, authorIsLogin } })
}

/** Who follows whom now. */
export async function listFollowers(db: Db, actor: Actor): Promise<Followers> {
  assertAdmin(actor)
  return sortByBase(await loadCompanyFacts(db, actor.tenantId))
}

function findBase(company: CompanyFacts, { baseCode }: Pick<SendingPolicyInput, 'baseCode'>): string | null {
  if (baseCode === '') return null
  const card = company.cards.find(candidate => candidate.code === baseCode)
  if (!card) throw new Refusal('cardNotFound', 'baseCode')
  if (!card.isActive) throw new Refusal('baseInactive', 'baseCode', { code: card.code })
  if (!mayBeBase(company, card.cardId)) throw new Refusal('baseNotReady', 'baseCode', { code: card.code, platform: env.platform.name })
  return card.cardId
}

/** That the base user is active and its sender is the one judged above is decided in the same write. Rows are held in one order everywhere: company, policy, card, sender. */
function lockBase(tx: Db, company: CompanyFacts, cardId: string) {
  const version = factsOf(company, cardId).card.senderVersion
  return [
    must(
      tx
        .update(cards)
        .set({ isActive: true })
        .where(and(eq(cards.id, cardId), eq(cards.tenantId, company.tenant.id), eq(cards.isActive, true)))
        .returning({ id: cards.id }),
    ),
    must(
      tx
        .update(senders)
        .set({ version })
        .where(and(eq(senders.cardId, cardId), eq(senders.version, version)))
        .returning({ id: senders.cardId }),
    ),
  ]
}
