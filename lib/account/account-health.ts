import { and, count, desc, eq, inArray, isNotNull } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, accounts, cards, messages, type PauseReason, testSends } from '@/db/schema'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { env } from '@/lib/env'
import { accountOf } from '@/lib/message/prepare-message'
import { getRoute } from '@/lib/sender/resolve-route'
import type { Route, RouteProblem } from '@/lib/sender/route'
import { findAccount } from './find-account'
import { cardsOnGraph, hostShown } from './host-shown'
import { type AccountUsage, usagesOf } from './usage'

export type AccountHealth = {
  state: 'works' | 'neverUsed' | 'waiting' | 'paused' | 'incomplete'
  reason: PauseReason | RouteProblem['reason'] | null
  text: string | null // what the server said
  problemCode: string | null // the card that has to act
  lastAcceptedAt: Date | null
  worksSince: Date | null // without a break
  checkedAt: Date | null // the last daily check that came to an answer
  failedTestAt: Date | null // the card's last test went this way, and failed; only asked for what was never used
  failingSince: Date | null // the daily check does not reach the server
  host: string
  waiting: number // of the card itself; of all that it answers for where the login is its own
  usage: AccountUsage | null // null: nothing was sent this way yet
}

/** The headline of a card: whether its mail goes out now, and if not, why. */
export async function getAccountHealth(db: Db, actor: Actor, { code }: { code: string }): Promise<AccountHealth> {
  const route = await getRoute(db, actor, { code })
  const account = await findAccount(db, actor.tenantId, accountOf(route).identity)
  const waiting = account ? await countKept(db, account, route.cardId) : 0
  const shared = {
    lastAcceptedAt: account?.lastAcceptedAt ?? null,
    worksSince: account?.worksSince ?? null,
    checkedAt: account?.checkedAt ?? null,
    failedTestAt: null,
    failingSince: account?.failingSince ?? null,
    host: route.graph?.host ?? account?.host ?? route.server?.value.host ?? env.platform.relay.host,
    waiting,
    usage: account ? ((await usagesOf(db, [account])).get(account.id) ?? null) : null,
  }
  if (route.problem) return { ...shared, state: 'incomplete', reason: route.problem.reason, text: null, problemCode: route.problem.code }
  if (account?.state === 'paused')
    return { ...shared, state: 'paused', reason: account.pauseReason, text: account.pausedText, problemCode: route.followsBase ?? route.code }
  const state = waiting > 0 ? 'waiting' : shared.lastAcceptedAt ? 'works' : 'neverUsed'
  const failedTestAt = state === 'neverUsed' ? await findFailedTest(db, route) : null
  return { ...shared, state, failedTestAt, reason: null, text: null, problemCode: null }
}

/** When the card's last test ended, if it went by this account and was not accepted; else null. */
async function findFailedTest(db: Db, route: Route): Promise<Date | null> {
  const [last] = await db
    .select({ route: testSends.route, outcome: testSends.outcome, endedAt: testSends.endedAt })
    .from(testSends)
    .where(and(eq(testSends.tenantId, route.tenantId), eq(testSends.cardId, route.cardId)))
    .orderBy(desc(testSends.createdAt))
    .limit(1)
  const isFailed = last?.outcome && last.outcome !== 'accepted' && accountOf(last.route as Route).identity === accountOf(route).identity
  return isFailed ? last.endedAt : null
}

/** The card whose login it is answers for all mail of the account, its followers' too. */
async function countKept(db: Db, { id, credentialCardId }: Account, cardId: string): Promise<number> {
  const own = credentialCardId === cardId ? undefined : eq(messages.cardId, cardId)
  const [found] = await db
    .select({ count: count() })
    .from(messages)
    .where(and(eq(messages.accountId, id), isNotNull(messages.dueAt), own, eq(messages.state, 'waiting')))
  return Number(found?.count ?? 0)
}

export type PausedAccount = {
  id: string
  username: string | null
  label: string // user name and server, or the card whose e-mail is not confirmed
  host: string
  reason: PauseReason
  text: string | null
  pausedAt: Date | null
  waiting: number
  mayMend: boolean
  cardCode: string | null
}

/** Accounts that cannot send now: all of the company's for an admin, for a user their own and those their mail waits in. */
export async function listPausedAccounts(db: Db, actor: Actor): Promise<PausedAccount[]> {
  const paused = await db
    .select({ account: accounts, cardCode: cards.code })
    .from(accounts)
    .leftJoin(cards, eq(cards.id, accounts.credentialCardId))
    .where(and(eq(accounts.tenantId, actor.tenantId), eq(accounts.state, 'paused')))
  if (paused.length === 0) return []
  const ids = paused.map(({ account }) => account.id)
  const mine = isAdmin(actor) ? undefined : eq(messages.cardId, actor.cardId)
  const kept = await db
    .select({ accountId: messages.accountId, count: count() })
    .from(messages)
    .where(and(inArray(messages.accountId, ids), isNotNull(messages.dueAt), eq(messages.state, 'waiting'), mine))
    .groupBy(messages.accountId)
  const onGraph = await cardsOnGraph(db, actor.tenantId)
  const waitingIn = (id: string) => Number(kept.find(({ accountId }) => accountId === id)?.count ?? 0)
  return paused
    .map(({ account, cardCode }) => ({
      id: account.id,
      username: account.username,
      label: account.username ? `${account.username}, ${hostShown(account, onGraph)}` : (account.host ?? cardCode ?? ''),
      host: hostShown(account, onGraph) ?? env.platform.relay.host,
      reason: account.pauseReason ?? 'incomplete',
      text: account.pausedText,
      pausedAt: account.pausedAt,
      waiting: waitingIn(account.id),
      mayMend: isAdmin(actor) || account.credentialCardId === actor.cardId,
      cardCode,
    }))
    .filter(({ mayMend, waiting }) => mayMend || waiting > 0)
}
