import type { Account } from '@/db/schema'
import { findOrCreateAccount } from '@/lib/account/find-account'
import { coalesce } from '@/lib/coalesce'
import { Refusal } from '@/lib/errors'
import { loadRoute } from '@/lib/sender/resolve-route'
import type { Route } from '@/lib/sender/route'
import { accountOf } from './prepare-message'

/** The way a message of this card takes now: the route, and the account in whose queue it stands. */
export type Way = { route: Route; account: Account }

/**
 * Read once for all messages of a card that programs hand in at the same time.
 * @throws Refusal `noEmail` at `from_user`
 */
export const findWay = coalesce(async (db, tenantId: string, cardId: string): Promise<Way> => {
  const route = await loadRoute(db, tenantId, cardId)
  if (!route.from) throw new Refusal('noEmail', 'from_user')
  return { route, account: await findOrCreateAccount(db, tenantId, accountOf(route)) }
})
