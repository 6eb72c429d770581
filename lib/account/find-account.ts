import { and, eq, sql } from 'drizzle-orm'
import type { Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import { compiledQuery } from '@/db/compiled-query'
import { updateRows } from '@/db/rows'
import { type Account, accounts } from '@/db/schema'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { newId } from '@/lib/id'
import { wakeEngines } from '@/lib/outbox/wake-ups'
import type { AccountIdentity } from '@/lib/sender/route'
import { holdAccounts } from './hold-accounts'

const byIdentity = compiledQuery(db =>
  db
    .select()
    .from(accounts)
    .where(and(eq(accounts.tenantId, sql.placeholder('tenantId')), eq(accounts.identity, sql.placeholder('identity')))),
)

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

/** The company's account of this identity; null: nothing was queued through it yet. */
export async function findAccount(db: Db, tenantId: string, identity: string): Promise<Account | null> {
  const [found] = await byIdentity(db, { tenantId, identity })
  return found ?? null
}

/**
 * Says that something of these accounts is due. Comes before the messages in an atomic write: an engine that gives an account
 * back at the same time sees them or is overruled. One that is in work already is left alone: nobody waits for its engine.
 * `fromRest`: a person wants it, though the server said that its quota is used up.
 */
export function wakeAccounts(accountIds: string[], { fromRest = false } = {}): Step[] {
  const waken = (id: string) =>
    fromRest
      ? updateRows(accounts, ['dueAt', 'restsUntil'], [{ id, dueAt: now(), restsUntil: null }])
      : updateRows(accounts, ['dueAt'], [{ id, dueAt: now() }], { holds: isAsleep })
  // one after the other: a statement for all takes them in any order, and two of them wait for each other
  const waking = accountIds.toSorted().map(id => ({ ...waken(id), afterCommit: () => wakeEngines([id]) }))
  return [...holdAccounts(accountIds, 'shared'), ...waking]
}

/** $1 is the time that is written. SQLite has one writer, who changes the row for next to nothing. */
const isAsleep = env.database.dialect === 'postgres' ? '(account.due_at is null or account.due_at > $1)' : undefined
