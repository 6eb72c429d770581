import { and, asc, eq, inArray, isNotNull, notLike, or } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, accounts, cards } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { testQueuePattern } from '@/lib/test-send/test-queue'
import { cardsOnGraph, hostShown } from './host-shown'
import { type AccountUsage, usagesOf } from './usage'

export type AccountRow = Pick<
  Account,
  'id' | 'state' | 'pauseReason' | 'username' | 'host' | 'worksSince' | 'checkedAt' | 'lastAcceptedAt' | 'failingSince'
> & {
  cardCode: string | null // whose login it is; null: none
  usage: AccountUsage | null
}

const most = 200

/** Own servers and Microsoft mailboxes that the company has sent through, with how they fare. Admins only. */
export async function listAccounts(db: Db, actor: Actor): Promise<AccountRow[]> {
  assertAdmin(actor)
  const wasUsed = or(isNotNull(accounts.lastAcceptedAt), isNotNull(accounts.checkedAt), isNotNull(accounts.failingSince), eq(accounts.state, 'paused'))
  const found = await db
    .select({ account: accounts, cardCode: cards.code })
    .from(accounts)
    .leftJoin(cards, eq(cards.id, accounts.credentialCardId))
    .where(
      and(
        eq(accounts.tenantId, actor.tenantId),
        inArray(accounts.kind, ['smtp', 'microsoft365']),
        isNotNull(accounts.host),
        notLike(accounts.identity, testQueuePattern),
        wasUsed,
      ),
    )
    .orderBy(asc(accounts.host), asc(accounts.username))
    .limit(most)
  const usages = await usagesOf(
    db,
    found.map(({ account }) => account),
  )
  const onGraph = await cardsOnGraph(db, actor.tenantId)
  return found.map(({ account, cardCode }) => {
    const { id, state, pauseReason, username, worksSince, checkedAt, lastAcceptedAt, failingSince } = account
    const shared = { id, state, pauseReason, username, worksSince, checkedAt, lastAcceptedAt, failingSince, cardCode }
    return { ...shared, host: hostShown(account, onGraph), usage: usages.get(id) ?? null }
  })
}
