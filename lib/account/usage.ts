import { and, count, eq, gt, inArray, isNotNull } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, accountHours, accounts, messages } from '@/db/schema'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { after, days, hours, minutes, now } from '@/lib/clock'
import { freedAt, type Limits, limitsOf, type Usage } from './limits'

/** How much of what an account's server bears is used, and when what waits will have gone. */
export type AccountUsage = {
  used: number // recipients in the last 24 hours
  limit: number | null // of them; null: none is known
  rest: number // messages that wait
  goneAt: Date | null // null: nothing waits, it goes at once, or the account is paused
}

/** Of each of these accounts, by id. */
export async function usagesOf(db: Db, all: Account[]): Promise<Map<string, AccountUsage>> {
  if (all.length === 0) return new Map()
  const ids = all.map(({ id }) => id)
  const counted = await db
    .select({ accountId: accountHours.accountId, hour: accountHours.hour, count: accountHours.recipientCount })
    .from(accountHours)
    .where(and(inArray(accountHours.accountId, ids), gt(accountHours.hour, after(now(), -hours(24)))))
    .orderBy(accountHours.hour)
  const waiting = await db
    .select({ accountId: messages.accountId, count: count() })
    .from(messages)
    .where(and(inArray(messages.accountId, ids), isNotNull(messages.dueAt)))
    .groupBy(messages.accountId)
  return new Map(
    all.map(account => {
      const own = counted.filter(({ accountId }) => accountId === account.id)
      const usage: Usage = { used: own.reduce((sum, { count }) => sum + count, 0), hours: own }
      const rest = Number(waiting.find(({ accountId }) => accountId === account.id)?.count ?? 0)
      const limits = limitsOf(account)
      return [account.id, { used: usage.used, limit: limits.recipientsPerDay, rest, goneAt: account.state === 'paused' ? null : goneAt(usage, limits, rest) }]
    }),
  )
}

/** When so many messages of one recipient each will have gone, if nothing else is queued; null: at once. */
export function goneAt(usage: Usage, { recipientsPerDay, perMinute }: Limits, rest: number): Date | null {
  if (rest === 0) return null
  const paced = after(now(), perMinute === null ? 0 : minutes(rest / perMinute))
  const gone = recipientsPerDay === null ? paced : new Date(Math.max(paced.getTime(), withinQuota(usage, recipientsPerDay, rest).getTime()))
  return gone.getTime() - now().getTime() < minutes(1) ? null : gone
}

/** Of any 24 hours no more than the quota: what does not fit into these goes at the same hours of the days after. */
function withinQuota(usage: Usage, quota: number, rest: number): Date {
  const wholeDays = Math.floor((rest - 1) / quota)
  const wanted = usage.used + (rest - wholeDays * quota) - quota
  return after(wanted <= 0 ? now() : freedAt(usage, wanted), days(wholeDays))
}

export type UsedUpAccount = { id: string; label: string; usage: AccountUsage }

/** Accounts with mail that waits because the server takes no more for now: all of the company's for an admin, for a user their own. */
export async function listUsedUpAccounts(db: Db, actor: Actor): Promise<UsedUpAccount[]> {
  const own = isAdmin(actor) ? undefined : eq(accounts.credentialCardId, actor.cardId)
  const sending = await db
    .selectDistinct({ id: accountHours.accountId })
    .from(accountHours)
    .innerJoin(accounts, eq(accounts.id, accountHours.accountId))
    .where(and(eq(accounts.tenantId, actor.tenantId), own, isNotNull(accounts.dueAt), gt(accountHours.hour, after(now(), -hours(24)))))
  if (sending.length === 0) return []
  const ids = sending.map(({ id }) => id)
  const found = (await db.select().from(accounts).where(inArray(accounts.id, ids))).filter(account => limitsOf(account).recipientsPerDay !== null)
  const usages = await usagesOf(db, found)
  return found.flatMap(({ id, username, host, state }) => {
    const usage = usages.get(id)
    if (!usage || state === 'paused' || usage.limit === null || usage.used < usage.limit || usage.rest === 0) return []
    return [{ id, label: [username, host].filter(Boolean).join(', '), usage }]
  })
}
