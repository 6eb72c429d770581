import { and, eq, inArray, ne } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Account, accounts, messages } from '@/db/schema'
import { now } from '@/lib/clock'
import { newId } from '@/lib/id'
import type { AccountIdentity } from '@/lib/sender/route'

/** The company's account of this identity, made when nothing has left through it before. */
export async function findOrCreateAccount(db: Db, tenantId: string, identity: AccountIdentity): Promise<Account> {
  const found = await findAccount(db, tenantId, identity.identity)
  if (found) return found
  await db
    .insert(accounts)
    .values({ id: newId(), tenantId, ...identity, createdAt: now() })
    .onConflictDoNothing()
  const made = await findAccount(db, tenantId, identity.identity)
  if (!made) throw new Error('an account just made is not there')
  return made
}

export async function findAccount(db: Db, tenantId: string, identity: string): Promise<Account | null> {
  const [found] = await db
    .select()
    .from(accounts)
    .where(and(eq(accounts.tenantId, tenantId), eq(accounts.identity, identity)))
  return found ?? null
}

/**
 * Says that something of this account is due. Comes before the message in an atomic write: it holds the row, so an
 * engine that gives the account back at the same time sees the message or is overruled.
 */
export const wakeAccount = (tx: Db, accountId: string) => tx.update(accounts).set({ dueAt: now() }).where(eq(accounts.id, accountId))

/** Mail that an account's pause has kept, and nothing that a person stopped. */
export const keptByPause = (accountId: string) => and(eq(messages.accountId, accountId), eq(messages.state, 'waiting'), eq(messages.waitingFor, 'accountPaused'))

/** The statements that let an account send again and release what it kept. */
export function resumeStatements(tx: Db, accountIds: string[]) {
  const at = now()
  return [
    tx.update(accounts).set({ state: 'active', pauseReason: null, pausedText: null, pausedAt: null, dueAt: at }).where(inArray(accounts.id, accountIds)),
    tx
      .update(messages)
      .set({ state: 'queued', waitingFor: null, dueAt: at })
      .where(and(inArray(messages.accountId, accountIds), eq(messages.state, 'waiting'), eq(messages.waitingFor, 'accountPaused'))),
  ]
}

/** After a card's password, consent or confirmation was mended: its paused accounts try again. Gives how many did. */
export async function resumeAccountsOf(db: Db, { tenantId, cardId }: { tenantId: string; cardId: string }): Promise<number> {
  const paused = await db
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.tenantId, tenantId), eq(accounts.credentialCardId, cardId), ne(accounts.state, 'active')))
  if (paused.length === 0) return 0
  await atomically(db, tx =>
    resumeStatements(
      tx,
      paused.map(({ id }) => id),
    ),
  )
  return paused.length
}
