import { setTimeout as wait } from 'node:timers/promises'
import { and, eq, isNull, lte, or, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Microsoft365Connection, microsoft365Connections } from '@/db/schema'
import { after, now, seconds } from '@/lib/clock'
import { newId } from '@/lib/id'
import { log } from '@/lib/log'
import { findApplication, type MicrosoftApplication, makeClient, scopesOf } from './application'
import { findFreshToken, openCache, sealCache } from './token-cache'
import { type TokenFailure, tokenFailureOf } from './token-failure'

const refreshLeaseMs = seconds(60)
const lookAgainMs = 100

export type CardKey = { tenantId: string; cardId: string }
export type AccessToken = { accessToken: string; connection: Microsoft365Connection }

/** `refused`: a token that the server did not take; another is wanted, however long that one was to live. */
type TokenWish = { refused?: string }

/**
 * A token for a card's connection: the one kept while it is good, else a new one. One process at a time asks Microsoft;
 * the others wait for what it gets. Two refreshes at once can end the grant.
 */
export async function getAccessToken(db: Db, card: CardKey, wish: TokenWish = {}): Promise<AccessToken | TokenFailure> {
  const application = await findApplication(db)
  const giveUpAt = Date.now() + refreshLeaseMs + seconds(5)
  while (Date.now() < giveUpAt) {
    const connection = await findConnection(db, card)
    if (!connection) return { trouble: 'reconnectNeeded', cause: 'notConnected', text: '' }
    if (connection.state !== 'active') return { trouble: 'reconnectNeeded', cause: connection.cause ?? '', text: connection.causeText ?? '' }
    if (!application) return { trouble: 'misconfigured', cause: 'notConfigured', text: 'No Microsoft application is registered: M365_CLIENT_ID is not set' }
    const kept = keptToken(connection, application, wish)
    if (kept) return { accessToken: kept, connection }
    const leased = await lease(db, connection)
    if (leased) return refresh(db, application, leased)
    await wait(lookAgainMs)
  }
  return { trouble: 'unavailable', cause: 'busy', text: 'Another process is renewing the token' }
}

/** Null: the card was never connected, or was disconnected. */
export async function findConnection(db: Db, { tenantId, cardId }: CardKey): Promise<Microsoft365Connection | null> {
  const [found] = await db
    .select()
    .from(microsoft365Connections)
    .where(and(eq(microsoft365Connections.cardId, cardId), eq(microsoft365Connections.tenantId, tenantId)))
  return found ?? null
}

function keptToken(connection: Microsoft365Connection, application: MicrosoftApplication, { refused }: TokenWish): string | null {
  const [scope = ''] = scopesOf(purposeOf(connection), application)
  const kept = findFreshToken(openCache(connection), { homeAccountId: connection.homeAccountId, scope })
  return kept === refused ? null : kept
}

/** What its tokens are for: the way that was consented to last is the way it sends. */
const purposeOf = ({ via }: Microsoft365Connection) => (via === 'graph' ? 'graph' : 'connect')

/** The row as it is under the lease, or null while another process holds it, or has just written a newer one. */
async function lease(db: Db, { cardId, version }: Microsoft365Connection): Promise<Microsoft365Connection | null> {
  const at = now()
  const isFree = or(isNull(microsoft365Connections.refreshUntil), lte(microsoft365Connections.refreshUntil, at))
  const [leased] = await db
    .update(microsoft365Connections)
    .set({ refreshOwner: newId(), refreshUntil: after(at, refreshLeaseMs) })
    .where(and(eq(microsoft365Connections.cardId, cardId), eq(microsoft365Connections.version, version), isFree))
    .returning()
  return leased ?? null
}

/** Asks Microsoft, and writes what came: only where nothing newer was written meanwhile. */
async function refresh(db: Db, application: MicrosoftApplication, leased: Microsoft365Connection): Promise<AccessToken | TokenFailure> {
  const client = makeClient(application, { tenant: leased.microsoftTenantId, cache: openCache(leased) })
  try {
    const account = await client.getTokenCache().getAccountByHomeId(leased.homeAccountId)
    if (!account) return await broke(db, leased, { trouble: 'reconnectNeeded', cause: 'cacheLost', text: 'The kept tokens are of another account' })
    const scopes = scopesOf(purposeOf(leased), application).slice(0, 1)
    const result = await client.acquireTokenSilent({ account, scopes, forceRefresh: true })
    const fields = { tokenCacheSealed: sealCache(client.getTokenCache().serialize(), leased), refreshedAt: now() }
    await write(db, leased, fields)
    return { accessToken: result.accessToken, connection: { ...leased, ...fields } }
  } catch (error) {
    return broke(db, leased, tokenFailureOf(error))
  }
}

/** Only what the person has to mend changes the connection; the rest passes or is the operator's. */
async function broke(db: Db, leased: Microsoft365Connection, failure: TokenFailure): Promise<TokenFailure> {
  const { trouble, cause, text } = failure
  const facts = { event: 'microsoftToken', cardId: leased.cardId, tenantId: leased.tenantId, trouble, cause }
  if (trouble === 'misconfigured')
    log.error({ ...facts, text }, 'Microsoft refuses our application: all Microsoft 365 connections wait. Check M365_CLIENT_ID and its secret')
  else log.warn(facts, 'Microsoft gave no token')
  await write(db, leased, trouble === 'reconnectNeeded' ? { state: 'reconnectNeeded', cause, causeText: text, brokenAt: now() } : {})
  return failure
}

async function write(db: Db, leased: Microsoft365Connection, fields: Partial<Microsoft365Connection>): Promise<void> {
  const asLeased = and(
    eq(microsoft365Connections.cardId, leased.cardId),
    eq(microsoft365Connections.version, leased.version),
    eq(microsoft365Connections.refreshOwner, leased.refreshOwner ?? ''),
  )
  const isNews = Object.keys(fields).length > 0
  await db
    .update(microsoft365Connections)
    .set({ ...fields, refreshOwner: null, refreshUntil: null, ...(isNews ? { version: sql`${microsoft365Connections.version} + 1` } : {}) })
    .where(asLeased)
}
