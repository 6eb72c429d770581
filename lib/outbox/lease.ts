import { and, asc, eq, gt, inArray, isNull, like, lte, notLike, or, sql } from 'drizzle-orm'
import { atomically, must } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Account, accounts, messages } from '@/db/schema'
import { after, now, seconds } from '@/lib/clock'
import { pendingStates } from '@/lib/message/message-state'
import { testQueuePattern } from '@/lib/test-send/test-queue'

export const leaseMs = seconds(30)

/** The right to drain one account. A newer lease has a higher number; an older one can record nothing. */
export type Lease = { accountId: string; number: number }

/** Leases accounts that have something due: those of tests, or the others. Two engines never get the same one. */
export async function claimAccounts(db: Db, engineId: string, { limit, queue }: { limit: number; queue: 'test' | 'mail' }): Promise<Account[]> {
  if (limit <= 0) return []
  const at = now()
  const isFree = or(isNull(accounts.leaseUntil), lte(accounts.leaseUntil, at))
  const isDue = and(eq(accounts.state, 'active'), lte(accounts.dueAt, at), isFree)
  const ofQueue = queue === 'test' ? like(accounts.identity, testQueuePattern) : notLike(accounts.identity, testQueuePattern)
  const due = await db.select({ id: accounts.id }).from(accounts).where(and(isDue, ofQueue)).orderBy(asc(accounts.dueAt)).limit(limit)
  if (due.length === 0) return []
  return db
    .update(accounts)
    .set({ leaseOwner: engineId, leaseUntil: after(at, leaseMs), leaseNumber: sql`${accounts.leaseNumber} + 1` })
    .where(
      and(
        inArray(
          accounts.id,
          due.map(({ id }) => id),
        ),
        isDue,
      ),
    )
    .returning()
}

/** For the head of an atomic write: renews the lease, or undoes the write when it was lost. */
export const mustHold = (tx: Db, { accountId, number }: Lease, also: Partial<Account> = {}) =>
  must(
    tx
      .update(accounts)
      .set({ ...also, leaseUntil: after(now(), leaseMs) })
      .where(and(eq(accounts.id, accountId), eq(accounts.leaseNumber, number)))
      .returning({ id: accounts.id }),
  )

/** @throws NothingMatched when another engine has the account now */
export const renewLease = (db: Db, lease: Lease) => atomically(db, tx => [mustHold(tx, lease)])

/**
 * Gives an account back, due when its next message is; `notBefore` keeps a server that cannot be reached in peace.
 * The row is held first: a message queued meanwhile is seen, or wakes the account afterwards.
 */
export async function giveBack(db: Db, lease: Lease, notBefore: Date | null): Promise<void> {
  const mine = and(eq(accounts.id, lease.accountId), eq(accounts.leaseNumber, lease.number))
  const nextDue = sql<Date>`(select min(${messages.dueAt}) from ${messages} where ${messages.accountId} = ${lease.accountId} and ${inArray(messages.state, pendingStates)})`
  await atomically(db, tx => [
    tx.update(accounts).set({ leaseOwner: null, leaseUntil: null }).where(mine).returning({ id: accounts.id }),
    tx.update(accounts).set({ dueAt: nextDue }).where(mine).returning({ id: accounts.id }),
    ...(notBefore
      ? [
          tx
            .update(accounts)
            .set({ dueAt: notBefore })
            .where(and(mine, lte(accounts.dueAt, notBefore)))
            .returning({ id: accounts.id }),
        ]
      : []),
  ])
}

/** What is due of an account now, in the order it leaves: tests and notices, documents, letters. */
export function listDue(db: Db, { accountId }: Lease, { limit, except }: { limit: number; except: string[] }) {
  const at = now()
  return db
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.accountId, accountId),
        inArray(messages.state, pendingStates),
        lte(messages.dueAt, at),
        gt(messages.expiresAt, at),
        except.length > 0 ? sql`${messages.id} not in ${except}` : undefined,
      ),
    )
    .orderBy(asc(messages.priority), asc(messages.dueAt), asc(messages.id))
    .limit(limit)
}
