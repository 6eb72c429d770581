import { randomBytes } from 'node:crypto'
import { and, asc, desc, eq, inArray, isNull } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type ApiKey, apiKeyCards, apiKeys, cards } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { allOf, Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { findTenant } from '@/lib/tenant/tenant'
import type { ApiKeyInput } from './api-key.form'
import { hashOfKey } from './find-api-key'

export { findApiKey, findApiKeyActor } from './find-api-key'

export type ApiKeyView = Pick<ApiKey, 'id' | 'name' | 'prefix' | 'scope' | 'allCards' | 'createdAt' | 'lastUsedAt' | 'expiresAt' | 'revokedAt'> & {
  allowCidrs: string[]
  codes: string[]
}

const prefixLength = 9 // `ph_` and six characters

/**
 * Makes a key of the actor's company. The key is in the answer and nowhere else.
 * @throws Refusal `notAdmin`; `cardsNotFound` at `codes`; `dayOver` at `expires`
 */
export async function createApiKey(db: Db, actor: Actor, input: ApiKeyInput): Promise<{ id: string; key: string }> {
  assertAdmin(actor)
  return makeApiKey(db, actor.tenantId, input)
}

/** For the operator's command line. @throws Refusal `companyNotFound`, and those of `createApiKey` */
export async function createApiKeyAsOperator(db: Db, { slug, ...input }: ApiKeyInput & { slug: string }): Promise<{ id: string; key: string }> {
  const tenant = await findTenant(db, slug)
  if (!tenant) throw new Refusal('companyNotFound', undefined, { slug })
  return makeApiKey(db, tenant.id, input)
}

/** Of a key that is not whole yet: what `createApiKey` would refuse of these fields. @throws Refusal as it does */
export async function judgeApiKey(db: Db, actor: Actor, { cards: which, codes = [], expires = null }: Partial<ApiKeyInput>): Promise<void> {
  assertAdmin(actor)
  await allOf(which === 'named' && codes.length > 0 ? findCardIds(db, actor.tenantId, codes) : Promise.resolve([]), assertToCome(expires))
}

async function makeApiKey(db: Db, tenantId: string, { name, scope, cards: which, codes, addresses, expires }: ApiKeyInput) {
  const [cardIds] = await allOf(which === 'all' ? Promise.resolve([]) : findCardIds(db, tenantId, codes), assertToCome(expires))
  const id = newId()
  const key = `ph_${randomBytes(24).toString('base64url').replaceAll('-', 'x').replaceAll('_', 'y')}`
  const row = { id, tenantId, name, scope, prefix: key.slice(0, prefixLength), keyHash: hashOfKey(key), allCards: which === 'all', allowCidrs: addresses }
  await atomically(db, tx => [
    tx.insert(apiKeys).values({ ...row, expiresAt: expires, createdAt: now() }),
    ...(cardIds.length > 0 ? [tx.insert(apiKeyCards).values(cardIds.map(cardId => ({ apiKeyId: id, cardId })))] : []),
  ])
  return { id, key }
}

async function assertToCome(expires: Date | null): Promise<void> {
  if (expires && expires <= now()) throw new Refusal('dayOver', 'expires')
}

async function findCardIds(db: Db, tenantId: string, codes: string[]): Promise<string[]> {
  if (codes.length === 0) throw new Refusal('keyNeedsCards', 'codes')
  const found = await db
    .select({ id: cards.id, code: cards.code })
    .from(cards)
    .where(and(eq(cards.tenantId, tenantId), inArray(cards.code, codes)))
  const missing = codes.filter(code => !found.some(card => card.code === code))
  if (missing.length > 0) throw new Refusal('cardsNotFound', 'codes', { codes: missing.join(', '), count: missing.length })
  return found.map(({ id }) => id)
}

/** The company's keys, newest first; revoked ones too, since they explain what stopped working. */
export async function listApiKeys(db: Db, actor: Actor): Promise<ApiKeyView[]> {
  assertAdmin(actor)
  const keys = await db.select().from(apiKeys).where(eq(apiKeys.tenantId, actor.tenantId)).orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
  const named = await db
    .select({ apiKeyId: apiKeyCards.apiKeyId, code: cards.code })
    .from(apiKeyCards)
    .innerJoin(cards, eq(cards.id, apiKeyCards.cardId))
    .where(eq(cards.tenantId, actor.tenantId))
    .orderBy(asc(cards.code))
  return keys.map(({ tenantId, keyHash, allowCidrs, ...key }) => ({
    ...key,
    allowCidrs: allowCidrs as string[],
    codes: named.filter(({ apiKeyId }) => apiKeyId === key.id).map(({ code }) => code),
  }))
}

/** From the next request on the key opens nothing. @throws Refusal `notAdmin`; `keyNotFound`, also for another company's */
export async function revokeApiKey(db: Db, actor: Actor, { id }: { id: string }): Promise<void> {
  assertAdmin(actor)
  const [revoked] = await db
    .update(apiKeys)
    .set({ revokedAt: now() })
    .where(and(eq(apiKeys.id, id), eq(apiKeys.tenantId, actor.tenantId), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id })
  if (!revoked) throw new Refusal('keyNotFound')
}
