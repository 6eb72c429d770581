import { eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { credentials, senders, type Tls } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { drainAccount, type Told } from '@/lib/outbox/drain-account'
import { claimAccounts } from '@/lib/outbox/lease'
import { seal } from '@/lib/secret/seal'
import { credentialPlace } from '@/lib/sender/open-credential'
import type { SubmissionServer } from '@/lib/transport/submission'

export const password = 'sesam-otwórz'

type Near = { host?: string; port: number; tls?: Tls }

/** The card sends through this server from now on, with a login when a user name is given. */
export async function sendThrough(
  db: Db,
  { tenantId, cardId }: Actor,
  { host = 'localhost', port, tls = 'starttls' }: Near,
  username: string | null = null,
): Promise<void> {
  const server = { host, port, tls, username }
  await db.delete(senders).where(eq(senders.cardId, cardId))
  await db.insert(senders).values({ cardId, tenantId, choice: 'smtp', ...server, updatedAt: now() })
  if (username !== null) await savePassword(db, { tenantId, cardId }, { ...server, username })
}

/** The card's password at this server, in place of any other; no account is resumed by it. */
export async function savePassword(
  db: Db,
  { tenantId, cardId }: Pick<Actor, 'tenantId' | 'cardId'>,
  server: { host: string; port: number; tls: Tls; username: string },
  typed = password,
) {
  const passwordSealed = seal(typed, credentialPlace({ tenantId, cardId, ...server }))
  await db.delete(credentials).where(eq(credentials.cardId, cardId))
  await db.insert(credentials).values({ cardId, tenantId, ...server, passwordSealed, savedAt: now() })
}

/** A relay of the platform on this machine. */
export const relayAt = ({ host = 'localhost', port, tls = 'starttls' }: Near): SubmissionServer => ({ host, port, tls, login: null, trust: 'platform' })

const nowhere = { port: 1 }

/** An engine of a live installation whose relay is near, and which nobody stops. */
export const engineFor = (relay: Near, told: Partial<Told> = {}): Told => ({
  id: 'one',
  mode: 'live',
  relay: relayAt(relay),
  stopping: new AbortController().signal,
  aborting: new AbortController().signal,
  ...told,
})

/** One turn of an engine: everything that is due now, once. Gives how many accounts had something. */
export async function turn(db: Db, relay: Near = nowhere, told: Partial<Told> = {}): Promise<number> {
  const engine = engineFor(relay, told)
  const claimed = [...(await claimAccounts(db, engine.id, { limit: 10, queue: 'test' })), ...(await claimAccounts(db, engine.id, { limit: 10, queue: 'mail' }))]
  await Promise.all(claimed.map(account => drainAccount(db, engine, account)))
  return claimed.length
}
