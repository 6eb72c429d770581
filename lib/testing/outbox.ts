import { eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { credentials, senders } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { drainAccount } from '@/lib/outbox/drain-account'
import { claimAccounts } from '@/lib/outbox/lease'
import { seal } from '@/lib/secret/seal'
import { credentialPlace } from '@/lib/sender/open-credential'
import type { Smarthost } from './smtp-server'

export const password = 'sesam-otwórz'

/** The card sends through this server from now on, with a login when a user name is given. */
export async function sendThrough(
  db: Db,
  { tenantId, cardId }: Actor,
  { host, port }: { host: string; port: number },
  username: string | null = null,
): Promise<void> {
  const server = { host, port, tls: 'starttls' as const, username }
  await db.delete(senders).where(eq(senders.cardId, cardId))
  await db.insert(senders).values({ cardId, tenantId, choice: 'smtp', ...server, updatedAt: now() })
  if (username !== null) await savePassword(db, { tenantId, cardId }, { ...server, username })
}

export async function savePassword(
  db: Db,
  { tenantId, cardId }: Pick<Actor, 'tenantId' | 'cardId'>,
  server: { host: string; port: number; tls: 'starttls'; username: string },
  typed = password,
) {
  const passwordSealed = seal(typed, credentialPlace({ tenantId, cardId, ...server }))
  await db.delete(credentials).where(eq(credentials.cardId, cardId))
  await db.insert(credentials).values({ cardId, tenantId, ...server, passwordSealed, savedAt: now() })
}

export const engineFor = (relay: Pick<Smarthost, 'host' | 'port'>, id = 'one') => ({
  id,
  mode: 'live' as const,
  relay: { host: relay.host, port: relay.port, tls: 'starttls' as const, login: null, trust: 'platform' as const },
  stopping: new AbortController().signal,
  aborting: new AbortController().signal,
})

/** One turn of an engine: everything that is due now, once. */
export async function turn(db: Db, relay: Pick<Smarthost, 'host' | 'port'> = { host: 'localhost', port: 1 }, id = 'one'): Promise<number> {
  const claimed = [...(await claimAccounts(db, id, { limit: 10, queue: 'test' })), ...(await claimAccounts(db, id, { limit: 10, queue: 'mail' }))]
  await Promise.all(claimed.map(account => drainAccount(db, engineFor(relay, id), account)))
  return claimed.length
}
