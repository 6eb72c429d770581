import { createHash } from 'node:crypto'
import { and, eq, isNull, lt, or, sql } from 'drizzle-orm'
import ipaddr from 'ipaddr.js'
import type { Db } from '@/db/client'
import { compiledQuery } from '@/db/compiled-query'
import { type ApiKey, apiKeyCards, apiKeys, cards, tenants } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { codePattern } from '@/lib/card/card-code'
import { after, minutes, now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { isInNetwork, parseNetwork } from '@/lib/network'

/** What a valid key may do. `cardIds` null: every card of its company. */
export type KeyHolder = { id: string; tenantId: string; scope: ApiKey['scope']; cardIds: string[] | null }

const byHash = compiledQuery(db =>
  db
    .select({ key: apiKeys, cardId: apiKeyCards.cardId })
    .from(apiKeys)
    .leftJoin(apiKeyCards, eq(apiKeyCards.apiKeyId, apiKeys.id))
    .where(eq(apiKeys.keyHash, sql.placeholder('hash'))),
)

const byCode = compiledQuery(db =>
  db
    .select({ cardId: cards.id, code: cards.code, loginId: cards.loginId, isActive: cards.isActive })
    .from(cards)
    .where(and(eq(cards.tenantId, sql.placeholder('tenantId')), eq(cards.code, sql.placeholder('code')))),
)

/** Neither revoked nor over. */
export const isValidKey = ({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, at: Date) => !revokedAt && !(expiresAt && expiresAt <= at)

/** A key is made of 24 random bytes: nothing slower than this is needed to keep it from being guessed. */
export const hashOfKey = (key: string) => createHash('sha256').update(key).digest('hex')

/**
 * Who holds this key, asked anew for every request: a revoked key opens nothing from then on.
 * @throws Refusal `keyInvalid` for one that is unknown, revoked or over; `keyAddressNotAllowed` from an address it does not name
 */
export async function findApiKey(db: Db, { key, address }: { key: string; address: string }): Promise<KeyHolder> {
  const rows = await byHash(db, { hash: hashOfKey(key) })
  const found = rows[0]?.key
  const at = now()
  if (!found || !isValidKey(found, at)) throw new Refusal('keyInvalid')
  if (!isWithin(address, found.allowCidrs as string[])) throw new Refusal('keyAddressNotAllowed', undefined, { address })
  if (!found.lastUsedAt || found.lastUsedAt < after(at, -minutes(1))) await noteUse(db, found.id, at)
  const { id, tenantId, scope, allCards } = found
  return { id, tenantId, scope, cardIds: allCards ? null : rows.flatMap(({ cardId }) => (cardId ? [cardId] : [])) }
}

/**
 * The card of this code, as which the key acts: with a user's rights, never an admin's.
 * @throws Refusal `keyNotForCard` unless the key names it, whether it exists or not; `cardNotFound`; `cardInactive`
 */
export async function actorOfKey(db: Db, { tenantId, cardIds }: KeyHolder, code: string): Promise<Actor> {
  const wanted = code.trim().toUpperCase()
  const [card] = codePattern.test(wanted) ? await byCode(db, { tenantId, code: wanted }) : []
  if (cardIds && !(card && cardIds.includes(card.cardId))) throw new Refusal('keyNotForCard')
  if (!card) throw new Refusal('cardNotFound')
  if (!card.isActive) throw new Refusal('cardInactive')
  return { tenantId, cardId: card.cardId, code: card.code, loginId: card.loginId, role: 'user' }
}

type Credentials = { key: string; address: string; code: string; slug: string }

/**
 * For programs that sign in with card code, company and key, as over SMTP: whom they act as, and by which key.
 * @throws Refusal those of `findApiKey` and `actorOfKey`; `keyInvalid` for another company's key; `keyReadOnly`
 */
export async function findApiKeyActor(db: Db, { key, address, code, slug }: Credentials): Promise<{ actor: Actor; keyId: string }> {
  const holder = await findApiKey(db, { key, address })
  const name = slug.trim().toLowerCase()
  const [tenant] = /^[a-z0-9-]{1,40}$/.test(name) ? await db.select({ id: tenants.id }).from(tenants).where(eq(tenants.slug, name)) : []
  if (tenant?.id !== holder.tenantId) throw new Refusal('keyInvalid')
  assertMaySend(holder)
  return { actor: await actorOfKey(db, holder, code), keyId: holder.id }
}

/** @throws Refusal `keyReadOnly` */
export function assertMaySend({ scope }: KeyHolder): void {
  if (scope !== 'send') throw new Refusal('keyReadOnly')
}

function isWithin(address: string, ranges: string[]): boolean {
  if (ranges.length === 0) return true
  if (!ipaddr.isValid(address)) return false
  const from = ipaddr.process(address)
  return ranges.some(range => {
    const network = parseNetwork(range)
    return network !== null && isInNetwork(from, network)
  })
}

const noteUse = (db: Db, id: string, at: Date) =>
  db
    .update(apiKeys)
    .set({ lastUsedAt: at })
    .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, after(at, -minutes(1))))))
