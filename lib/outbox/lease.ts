import { and, asc, eq, gt, inArray, isNull, lte, min, or, sql } from 'drizzle-orm'
import { atomically, type Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import { compiledQuery, isNotListed, listed, mostOf } from '@/db/compiled-query'
import { updateRows } from '@/db/rows'
import { type Account, accounts, inHand, messages } from '@/db/schema'
import { holdAccounts } from '@/lib/account/hold-accounts'
import { after, now, seconds } from '@/lib/clock'

export const leaseMs = seconds(30)
const candidatesMost = 100

/** The right to drain one account. A newer lease has a higher number; an older one can record nothing. */
export type Lease = { accountId: string; number: number }

type Wanted = { limit: number; queue: 'test' | 'mail'; busy?: Map<string, number>; mostOfOne?: number; except?: { has(accountId: string): boolean } }

/**
 * Leases accounts that have something due: those of tests, or the others. Two engines never get the same one. Companies take
 * turns: the one with the fewest accounts in work (`busy`) comes first, and of one company the account that waits longest; one has
 * `mostOfOne` in work and no more, since its servers may take ten minutes for an answer. `except`: those that this engine still
 * drains, whose lease may have run out while the database was away.
 */
export async function claimAccounts(
  db: Db,
  engineId: string,
  { limit, queue, busy = new Map(), mostOfOne = Number.POSITIVE_INFINITY, except = new Set() }: Wanted,
): Promise<Account[]> {
  if (limit <= 0) return []
  const at = now()
  const full = [...busy].filter(([, count]) => count >= mostOfOne).map(([tenantId]) => tenantId) // however many of theirs are due, others are seen
  const found = await listDue[queue](db, { at, full: listed(full), limit: Math.max(limit, candidatesMost) })
  const due = found.filter(({ id }) => !except.has(id))
  if (due.length === 0) return []
  const chosen = takeTurns(due, { limit, busy, mostOfOne })
  const isDue = and(queueConditions[queue], lte(accounts.dueAt, at), or(isNull(accounts.leaseUntil), lte(accounts.leaseUntil, at)))
  const [claimed = []] = await atomically(db, tx => [
    tx
      .update(accounts)
      .set({ leaseOwner: engineId, leaseUntil: after(at, leaseMs), leaseNumber: sql`${accounts.leaseNumber} + 1` })
      .where(and(inArray(accounts.id, chosen), isDue))
      .returning(),
  ])
  return claimed as Account[]
}

/** Word for word those of the two indexes, which then hold just what is asked for. */
const queueConditions = {
  test: sql`state = 'active' and identity like 'test:%'`,
  mail: sql`state = 'active' and identity not like 'test:%'`,
}

const listingDue = (queue: Wanted['queue']) =>
  compiledQuery(db => {
    const at = sql.param(sql.placeholder('at'), accounts.dueAt)
    const isFree = or(isNull(accounts.leaseUntil), lte(accounts.leaseUntil, at))
    return db
      .select({ id: accounts.id, tenantId: accounts.tenantId })
      .from(accounts)
      .where(and(queueConditions[queue], lte(accounts.dueAt, at), isFree, isNotListed(accounts.tenantId, 'full')))
      .orderBy(asc(accounts.dueAt))
      .limit(mostOf('limit'))
  })

const listDue = { test: listingDue('test'), mail: listingDue('mail') }

type Turns = Required<Pick<Wanted, 'limit' | 'busy' | 'mostOfOne'>>

function takeTurns(due: { id: string; tenantId: string }[], { limit, busy, mostOfOne }: Turns): string[] {
  const taken = new Map(busy)
  const ranked = due.map(account => {
    const rank = taken.get(account.tenantId) ?? 0
    taken.set(account.tenantId, rank + 1)
    return { ...account, rank }
  })
  return ranked
    .filter(({ rank }) => rank < mostOfOne)
    .sort((one, other) => one.rank - other.rank)
    .slice(0, limit)
    .map(({ id }) => id)
}

type Held = Partial<Pick<Account, 'lastAcceptedAt' | 'pacedUntil' | 'restsUntil'>>

/** For the head of an atomic write: renews the lease, or undoes the write when it was lost. What is given is written beside. */
export function mustHold({ accountId, number }: Lease, also: Held = {}): Step {
  const given = Object.fromEntries(Object.entries(also).filter(([, value]) => value !== undefined)) as Held
  const row = { id: accountId, leaseUntil: after(now(), leaseMs), ...given }
  return updateRows(accounts, ['leaseUntil', ...(Object.keys(given) as (keyof Held)[])], [row], { where: { leaseNumber: number }, mustMatch: true })
}

/** @throws NothingMatched when another engine has the account now */
export const renewLease = (db: Db, lease: Lease) => atomically(db, () => [mustHold(lease)])

/**
 * Gives an account back, due when its next message is, and behind those that wait for their turn; `notBefore` keeps a server
 * that cannot be reached in peace. What this lease took up and could not put back makes it due at once: the next one recovers it.
 * It is held alone: a message queued meanwhile is seen, or wakes the account afterwards.
 */
export async function giveBack(db: Db, lease: Lease, notBefore: Date | null): Promise<void> {
  const mine = and(eq(accounts.id, lease.accountId), eq(accounts.leaseNumber, lease.number))
  const at = notBefore ?? now()
  const instant = sql.param(at, accounts.dueAt)
  const later = (tx: Db, dueAt = nextDueOf(tx, lease)) =>
    sql`case when ${dueAt} < ${instant} or exists ${leftInHand(tx, lease)} then ${instant} else ${dueAt} end`
  await atomically(db, tx => [
    ...holdAccounts([lease.accountId], 'alone'),
    tx.update(accounts).set({ leaseOwner: null, leaseUntil: null }).where(mine),
    tx
      .update(accounts)
      .set({ dueAt: later(tx) })
      .where(mine),
  ])
}

const leftInHand = (tx: Db, { accountId }: Lease) => tx.select({ id: inHand.id }).from(inHand).where(eq(inHand.accountId, accountId))

/** When the first of what waits is due, by one look into the index for each priority. What has expired is not taken up, and ended by the housekeeping. */
function nextDueOf(tx: Db, { accountId }: Lease) {
  const first = (priority: number) =>
    tx
      .select({ dueAt: min(messages.dueAt) })
      .from(messages)
      .where(and(eq(messages.accountId, accountId), eq(messages.priority, priority), sql`${messages.dueAt} is not null`, gt(messages.expiresAt, now())))
  return sql<Date>`(select min(due) from (select (${first(0)}) as due union all select (${first(1)}) union all select (${first(2)})) as first_due)`
}
