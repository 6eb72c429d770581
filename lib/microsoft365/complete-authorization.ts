import { and, eq, gt, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Db } from '@/db/client'
import { type Card, cards, type Microsoft365Connection, microsoft365Connections, type PendingAuthorization, pendingAuthorizations } from '@/db/schema'
import { resumeAccountsOf } from '@/lib/account/resume-accounts'
import type { Actor } from '@/lib/actor/actor'
import { requireCard } from '@/lib/card/require-card'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { log } from '@/lib/log'
import { isSameSecret } from '@/lib/secret/is-same-secret'
import { open } from '@/lib/secret/seal'
import { findConnection } from './access-token'
import { noteAdminConsentNeeded } from './admin-consent'
import { findApplication, type MicrosoftApplication, makeClient, redirectUri, scopesOf } from './application'
import { assertMayConnect } from './assert-may-connect'
import { hashOf, verifierPlace } from './begin-authorization'
import { explainOAuthError } from './explain-oauth-error'
import { hasRefreshToken, sealCache } from './token-cache'
import { tokenFailureOf } from './token-failure'

/** What Microsoft sends a browser back with. */
export const callbackParameters = z.object({
  state: z.string().max(500).default(''),
  code: z.string().max(20_000).optional(),
  client_info: z.string().max(5_000).optional(),
  error: z.string().max(200).optional(),
  error_description: z.string().max(5_000).optional(),
})

/** How a sign-in at Microsoft ended: the key of its sentence on the card. `cause`: Microsoft's code, where it gave one. */
type AuthorizationOutcome = {
  outcome: 'connected' | 'unknown' | 'otherCompany' | 'denied' | 'adminConsentNeeded' | 'refused' | 'unavailable' | 'incomplete'
  code: string | null // of the card to return to; null: one's own
  cause: string | null
}

type Returned = { sessionId: string; parameters: z.output<typeof callbackParameters> }

/**
 * Takes what Microsoft's sign-in brought. The pending authorization is gone before the code is redeemed, and session, company,
 * card and nonce are compared here, so that no link can hang somebody's mailbox on another's card. Stores nothing unless all of it holds.
 */
export async function completeAuthorization(db: Db, actor: Actor, { sessionId, parameters }: Returned): Promise<AuthorizationOutcome> {
  const pending = await takePending(db, sessionId, parameters.state)
  if (!pending) return { outcome: 'unknown', code: null, cause: null }
  if (pending.tenantId !== actor.tenantId) return { outcome: 'otherCompany', code: null, cause: null }
  const card = await cardOf(db, actor, pending)
  if (!card) return { outcome: 'unknown', code: null, cause: null }
  const ended = (outcome: AuthorizationOutcome['outcome'], cause: string | null = null) => ({ outcome, code: card.code, cause })
  if (!parameters.code) return ended(...(await refusedBy(db, actor, pending, parameters)))

  const application = await findApplication(db)
  if (!application) return ended('unavailable')
  try {
    const connection = await redeem(application, pending, parameters.code, parameters)
    if (!connection) return ended('incomplete')
    await store(db, actor, connection)
    await resumeAccountsOf(db, { tenantId: actor.tenantId, cardId: card.id })
    log.info({ event: 'microsoftConnected', cardId: card.id, tenantId: actor.tenantId }, 'a mailbox was connected')
    return ended('connected')
  } catch (error) {
    if (error instanceof Refusal) throw error
    const { trouble, cause, text } = tokenFailureOf(error)
    if (trouble === 'misconfigured')
      log.error({ event: 'microsoftToken', trouble, cause, text }, 'Microsoft refuses our application. Check M365_CLIENT_ID and its secret')
    return ended(trouble === 'unavailable' || trouble === 'misconfigured' ? 'unavailable' : 'refused', cause)
  }
}

/** Single use: whoever takes the row has it. Of another session, or too old, it is none. */
async function takePending(db: Db, sessionId: string, state: string): Promise<PendingAuthorization | null> {
  const own = and(
    eq(pendingAuthorizations.stateHash, hashOf(state)),
    eq(pendingAuthorizations.sessionId, sessionId),
    gt(pendingAuthorizations.expiresAt, now()),
  )
  const [taken] = await db.delete(pendingAuthorizations).where(own).returning()
  return taken ?? null
}

/** The card as it is now: since the sign-in began its reader may have ceased to be an admin, or lost the right to set it. */
async function cardOf(db: Db, actor: Actor, { cardId }: PendingAuthorization): Promise<Card | null> {
  const [named] = await db
    .select({ code: cards.code })
    .from(cards)
    .where(and(eq(cards.id, cardId), eq(cards.tenantId, actor.tenantId)))
  if (!named) return null
  const card = await requireCard(db, actor, named.code)
  await assertMayConnect(db, actor, card.id)
  return card
}

async function refusedBy(
  db: Db,
  actor: Actor,
  { purpose }: PendingAuthorization,
  { error = '', error_description: description = '' }: Returned['parameters'],
): Promise<[AuthorizationOutcome['outcome'], string | null]> {
  const { cause, code } = explainOAuthError({ error, description })
  // whoever was just asked for a consent and brings none may not give it: here even *not consented* (AADSTS65001) is the administrator's
  if (error === 'consent_required' || cause === 'adminConsentRequired' || cause === 'consentMissing') {
    await noteAdminConsentNeeded(db, actor, purpose)
    return ['adminConsentNeeded', code]
  }
  if (error === 'access_denied') return ['denied', code]
  return error === 'temporarily_unavailable' || error === 'server_error' ? ['unavailable', code] : ['refused', code]
}

type NewConnection = typeof microsoft365Connections.$inferInsert

/** Null: the answer lacks what a connection needs (the right to send, a refresh token, who it is, our nonce). */
async function redeem(
  application: MicrosoftApplication,
  pending: PendingAuthorization,
  code: string,
  { state, client_info }: Returned['parameters'],
): Promise<NewConnection | null> {
  const { nonce, purpose, tenantId, cardId } = pending
  const scopes = scopesOf(purpose, application)
  const client = makeClient(application)
  const result = await client.acquireTokenByCode(
    { code, scopes, redirectUri: redirectUri(), state, nonce, codeVerifier: open(pending.verifierSealed, verifierPlace(pending)) },
    { code, state, ...(client_info ? { client_info } : {}) },
  )
  const claims = claimsShape.safeParse(result.idTokenClaims)
  const cache = client.getTokenCache().serialize()
  const granted = result.scopes.map(scope => scope.toLowerCase())
  if (!claims.success || !result.account || !isSameSecret(claims.data.nonce, nonce)) return null
  if (!granted.includes(scopes[0]?.toLowerCase() ?? '') || !hasRefreshToken(cache)) return null
  const { homeAccountId } = result.account
  const at = now()
  return {
    cardId,
    tenantId,
    microsoftTenantId: claims.data.tid,
    objectId: claims.data.oid,
    homeAccountId,
    address: claims.data.preferred_username ?? claims.data.email ?? result.account.username,
    via: purpose === 'graph' ? 'graph' : 'smtp', // what was consented to last is the way it sends
    scopes: granted.join(' '),
    tokenCacheSealed: sealCache(cache, { tenantId, cardId, homeAccountId }),
    connectedAt: at,
    refreshedAt: at,
  }
}

const claimsShape = z.object({ tid: z.string(), oid: z.string(), nonce: z.string(), preferred_username: z.string().optional(), email: z.string().optional() })

/** The same person again keeps what was agreed and what worked; another begins anew. */
async function store(db: Db, actor: Actor, connection: NewConnection): Promise<void> {
  const before = await findConnection(db, { tenantId: actor.tenantId, cardId: connection.cardId })
  const isSamePerson = before?.objectId === connection.objectId && before.microsoftTenantId === connection.microsoftTenantId
  await assertMayConnect(db, actor, connection.cardId, { isAnother: before !== null && !isSamePerson })
  const kept: Partial<Microsoft365Connection> = isSamePerson
    ? { agreedUsername: before.agreedUsername, saslUser: before.saslUser }
    : { agreedUsername: null, saslUser: null }
  const { cardId, ...fields } = { ...connection, ...kept }
  const whole = { ...fields, state: 'active', cause: null, causeText: null, brokenAt: null, refreshOwner: null, refreshUntil: null } as const
  await db
    .insert(microsoft365Connections)
    .values({ cardId, ...whole })
    .onConflictDoUpdate({ target: microsoft365Connections.cardId, set: { ...whole, version: sql`${microsoft365Connections.version} + 1` } })
}
