import { and, eq, not, or, type SQL } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { cards, credentials, microsoft365Connections, pendingAuthorizations, tenants, webhooks } from '@/db/schema'
import { now } from '@/lib/clock'
import { sealCache } from '@/lib/microsoft365/token-cache'
import { sealingKeys } from '@/lib/secret/keys'
import { formatServer } from '@/lib/sender/server-field'
import { isSealedWith } from './rotate-keys'
import type { SealedColumn } from './sealed-columns'

/** A secret that no key of this process opens. `user`: the card's code; null: it is the company's. `what` says nothing secret. */
type LostSecret = { company: string; user: string | null; what: string; keyId: string }

/** Whose secrets the present keys do not open: passwords, Microsoft 365 connections, secrets of webhooks. */
export async function listLostSecrets(db: Db): Promise<LostSecret[]> {
  const owner = { company: tenants.slug, user: cards.code }
  const passwords = await db
    .select({ ...owner, host: credentials.host, port: credentials.port, username: credentials.username, sealed: credentials.passwordSealed })
    .from(credentials)
    .innerJoin(cards, eq(cards.id, credentials.cardId))
    .innerJoin(tenants, eq(tenants.id, credentials.tenantId))
    .where(isLost(credentials.passwordSealed))
  const connections = await db
    .select({ ...owner, address: microsoft365Connections.address, sealed: microsoft365Connections.tokenCacheSealed })
    .from(microsoft365Connections)
    .innerJoin(cards, eq(cards.id, microsoft365Connections.cardId))
    .innerJoin(tenants, eq(tenants.id, microsoft365Connections.tenantId))
    .where(isLost(microsoft365Connections.tokenCacheSealed))
  const secrets = await db
    .select({ company: tenants.slug, url: webhooks.url, sealed: webhooks.secretSealed })
    .from(webhooks)
    .innerJoin(tenants, eq(tenants.id, webhooks.tenantId))
    .where(isLost(webhooks.secretSealed))
  const found = [
    ...passwords.map(({ host, port, username, ...rest }) => ({ ...rest, what: `password of ${username} at ${formatServer({ host, port })}` })),
    ...connections.map(({ address, ...rest }) => ({ ...rest, what: `Microsoft 365 connection of ${address}` })),
    ...secrets.map(({ url, ...rest }) => ({ ...rest, user: null, what: `secret of the webhook at ${new URL(url).host}` })), // its path may be one itself
  ]
  return found.map(({ sealed, ...rest }) => ({ ...rest, keyId: sealed.split('.')[1] ?? '' })).sort((one, other) => order(one).localeCompare(order(other), 'en'))
}

const order = ({ company, user, what }: LostSecret) => [company, user, what].join('\t')

/**
 * Drops what was sealed with a key that is lost for good, so that whoever owns it is asked anew: passwords are gone, Microsoft 365
 * connections want to be renewed. An engine that finds mail of theirs pauses the account and tells them. A webhook keeps its secret, which
 * its admin replaces on its page. What was saved meanwhile, under a key that is here, stays.
 * @throws Error when the key is here: what it seals is not lost
 */
export async function forgetLostSecrets(db: Db, { keyId }: { keyId: string }): Promise<{ passwords: number; connections: number }> {
  if (sealingKeys().some(({ id }) => id === keyId)) throw new Error(`The key ${keyId} is in POSTHORN_KEYS: what it seals can be opened, and is not dropped`)
  const at = now()
  const broken = await db.select().from(microsoft365Connections).where(isSealedWith(microsoft365Connections.tokenCacheSealed, keyId))
  const written = await atomically(db, tx => [
    tx.delete(credentials).where(isSealedWith(credentials.passwordSealed, keyId)).returning({ cardId: credentials.cardId }),
    tx.delete(pendingAuthorizations).where(isSealedWith(pendingAuthorizations.verifierSealed, keyId)),
    tx.update(webhooks).set({ previousSecretSealed: null, previousUntil: null }).where(isSealedWith(webhooks.previousSecretSealed, keyId)),
    ...broken.map(connection =>
      tx
        .update(microsoft365Connections)
        .set({
          state: 'reconnectNeeded',
          cause: 'cacheLost',
          causeText: null, // Microsoft has said nothing
          brokenAt: at,
          tokenCacheSealed: sealCache('{}', connection),
          version: connection.version + 1,
        })
        .where(and(eq(microsoft365Connections.cardId, connection.cardId), eq(microsoft365Connections.tokenCacheSealed, connection.tokenCacheSealed)))
        .returning({ cardId: microsoft365Connections.cardId }),
    ),
  ])
  const [passwords = [], , , ...connections] = written
  return { passwords: passwords.length, connections: connections.flat().length }
}

const isLost = (column: SealedColumn['column']): SQL => not(or(...sealingKeys().map(({ id }) => isSealedWith(column, id))) as SQL)
