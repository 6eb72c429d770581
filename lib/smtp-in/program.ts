import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { compiledQuery } from '@/db/compiled-query'
import { apiKeys, cards } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { findApiKeyActor, isValidKey } from '@/lib/api/find-api-key'
import { now } from '@/lib/clock'
import { coalesce } from '@/lib/coalesce'
import { Refusal } from '@/lib/errors'
import type { Way } from '@/lib/message/find-way'

/** A program that has signed in: as whom, by which key, and the way of the message it is handing over, as it was when that began. */
export type Program = { username: string; actor: Actor; keyId: string; way: (Way & { foundAt: Date }) | null }

/** `actsAs`: as whom it wishes to act, where it says so. */
type Login = { username: string; password: string; address: string; actsAs?: string }

/**
 * Signs a program in: user name = card code @ company, password = API key. It acts as whom it signs in as: to another identity than
 * that, RFC 4616 section 2 has the server say no.
 * @throws Refusal those of findApiKeyActor; `keyInvalid` for a user name that is none; `actsAsAnother`
 */
export async function signIn(db: Db, { username, password, address, actsAs }: Login): Promise<Program> {
  const [, code, slug] = /^\s*([^@\s]{1,64})@([^@\s]{1,64})\s*$/.exec(username) ?? []
  if (!code || !slug || !password) throw new Refusal('keyInvalid')
  const { actor, keyId } = await findApiKeyActor(db, { key: password, address, code, slug })
  const own = `${actor.code}@${slug.toLowerCase()}`
  if (actsAs && actsAs.trim().toLowerCase() !== own.toLowerCase()) throw new Refusal('actsAsAnother')
  return { username: own, actor, keyId, way: null }
}

const standing = compiledQuery(db =>
  db
    .select({ revokedAt: apiKeys.revokedAt, expiresAt: apiKeys.expiresAt, isActive: cards.isActive })
    .from(apiKeys)
    .innerJoin(cards, and(eq(cards.id, sql.placeholder('cardId')), eq(cards.tenantId, apiKeys.tenantId)))
    .where(eq(apiKeys.id, sql.placeholder('keyId'))),
)

const standingOf = coalesce((db, keyId: string, cardId: string) => standing(db, { keyId, cardId }))

/** Asked for every message of a session: a key that was revoked since opens nothing more. @throws Refusal `keyInvalid`, `cardInactive` */
export async function assertStillWelcome(db: Db, { keyId, actor }: Program): Promise<void> {
  const [found] = await standingOf(db, keyId, actor.cardId)
  if (!found || !isValidKey(found, now())) throw new Refusal('keyInvalid')
  if (!found.isActive) throw new Refusal('cardInactive')
}
