import { and, count, eq, gt, inArray, isNotNull, lte, max } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, accountHours, accounts, messages, recipients } from '@/db/schema'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { after, hours, minutes, now } from '@/lib/clock'
import { pendingStates } from '@/lib/message/message-state'
import { isHeld } from '@/lib/outbox/hold'
import { type Limits, limitsOf } from './limits'

/** How many recipients a server took, by the hour, the oldest first; `used` of those that still count. */
export type Usage = { used: number; hours: HourCount[] }
type HourCount = { hour: Date; count: number }

const countsFor = hours(25) // whole hours are kept: the last minute of one is a day old when the hour is 25 hours old

/** The hour of the clock that an instant lies in. */
export const hourOf = (at: Date) => new Date(Math.floor(at.getTime() / hours(1)) * hours(1))

/** What of it counts at an instant against a quota of any 24 hours. */
export const usedAt = (counted: HourCount[], at: Date) => counted.reduce((sum, { hour, count }) => (stillCounts(hour, at) ? sum + count : sum), 0)

const stillCounts = (hour: Date, at: Date) => hour > after(at, -countsFor)

/** How many recipients an account's server took in the last 24 hours. */
export async function usageOf(db: Db, accountId: string): Promise<Usage> {
  return (await countedOf(db, [accountId]))(accountId)
}

async function countedOf(db: Db, accountIds: string[]): Promise<(accountId: string) => Usage> {
  const rows = await db
    .select({ accountId: accountHours.accountId, hour: accountHours.hour, count: accountHours.recipientCount })
    .from(accountHours)
    .where(and(inArray(accountHours.accountId, accountIds), gt(accountHours.hour, after(now(), -countsFor))))
    .orderBy(accountHours.hour)
  return id => {
    const own = rows.filter(({ accountId }) => accountId === id).map(({ hour, count }) => ({ hour, count }))
    return { used: usedAt(own, now()), hours: own }
  }
}

/** How much of what an account's server bears is used, and when what waits will have gone. */
export type AccountUsage = {
  used: number // recipients in the last 24 hours
  limit: number | null // of them; null: none is known
  rest: number // messages that wait, but for those that are to leave some other day
  goneAt: Date | null // null: nothing waits, it goes at once, or it stays: the account is paused, or all mail is held
}

/** Of each of these accounts of one company, by id. */
export async function usagesOf(db: Db, all: Account[]): Promise<Map<string, AccountUsage>> {
  const [one] = all
  if (!one) return new Map()
  const ids = all.map(({ id }) => id)
  const isStaying = await isHeld(db, one.tenantId)
  const counted = await countedOf(db, ids)
  const waiting = await db
    .select({ accountId: messages.accountId, count: count(), lastDueAt: max(messages.dueAt) })
    .from(messages)
    .where(and(inArray(messages.accountId, ids), isInLine()))
    .groupBy(messages.accountId)
  return new Map(
    await Promise.all(
      all.map(async (account): Promise<[string, AccountUsage]> => {
        const usage = counted(account.id)
        const { count: rest = 0, lastDueAt = null } = waiting.find(({ accountId }) => accountId === account.id) ?? {}
        const limits = limitsOf(account)
        const stays = account.state === 'paused' || isStaying
        const gone = stays ? null : goneAt(usage, limits, await restOf(db, account.id, { limits, messages: Number(rest) }))
        const lastGone = gone && lastDueAt && lastDueAt > gone ? lastDueAt : gone // none goes before its time
        return [account.id, { used: usage.used, limit: limits.recipientsPerDay, rest: Number(rest), goneAt: lastGone }]
      }),
    ),
  )
}

const inLineMs = hours(5) // longer than what is tried again ever waits

/** Not what is to leave some other day, nor what waits for a person until it expires. */
const isInLine = () => and(isNotNull(messages.dueAt), lte(messages.dueAt, after(now(), inLineMs)))

/** What is still to leave: a rate is of messages, a quota of their recipients. */
type Rest = { messages: number; recipients: number }

const mostLookedAt = 1000 // of a large backlog the first, and the others are taken to be like them

async function restOf(db: Db, accountId: string, { limits, messages: rest }: { limits: Limits; messages: number }): Promise<Rest> {
  if (rest === 0 || limits.recipientsPerDay === null) return { messages: rest, recipients: rest }
  const first = db
    .select({ id: messages.id })
    .from(messages)
    .where(and(eq(messages.accountId, accountId), isInLine()))
    .limit(mostLookedAt)
    .as('first')
  const [found] = await db
    .select({ count: count() })
    .from(first)
    .innerJoin(recipients, eq(recipients.messageId, first.id))
    .where(inArray(recipients.state, [...pendingStates]))
  const each = Number(found?.count ?? 0) / Math.min(rest, mostLookedAt)
  return { messages: rest, recipients: Math.round(rest * each) }
}

/** When so much will have gone, if nothing else is queued; null: at once. */
export function goneAt(usage: Usage, { recipientsPerDay, perMinute }: Limits, rest: Rest): Date | null {
  if (rest.messages === 0) return null
  const paced = after(now(), perMinute === null ? 0 : minutes(rest.messages / perMinute))
  const gone = recipientsPerDay === null ? paced : new Date(Math.max(paced.getTime(), withinQuota(usage, recipientsPerDay, rest.recipients).getTime()))
  return gone.getTime() - now().getTime() < minutes(1) ? null : gone
}

/** When so many recipients will have gone. Of any 24 hours no more than the quota: what does not fit into these goes as soon as each of those before counts no more. */
function withinQuota(usage: Usage, quota: number, rest: number): Date {
  const wholeDays = Math.floor((rest - 1) / quota)
  const wanted = usage.used + (rest - wholeDays * quota) - quota
  return after(wanted <= 0 ? now() : freedAt(usage, wanted), wholeDays * countsFor)
}

/** When so many of the recipients counted will count no more. */
function freedAt({ hours: counted }: Usage, wanted: number): Date {
  let freed = 0
  for (const { hour, count } of counted) {
    freed += count
    if (freed >= wanted) return after(hour, countsFor)
  }
  return after(now(), hours(1))
}

export type UsedUpAccount = { id: string; label: string; usage: AccountUsage }

/** Accounts with mail that waits because the server takes no more for now: all of the company's for an admin, for a user their own. */
export async function listUsedUpAccounts(db: Db, actor: Actor): Promise<UsedUpAccount[]> {
  if (await isHeld(db, actor.tenantId)) return [] // no server is what it waits for
  const own = isAdmin(actor) ? undefined : eq(accounts.credentialCardId, actor.cardId)
  const sending = await db
    .selectDistinct({ id: accountHours.accountId })
    .from(accountHours)
    .innerJoin(accounts, eq(accounts.id, accountHours.accountId))
    .where(and(eq(accounts.tenantId, actor.tenantId), own, isNotNull(accounts.dueAt), gt(accountHours.hour, after(now(), -countsFor))))
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
