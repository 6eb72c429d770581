import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { Refusal } from '@/lib/errors'
import { mayChange } from '@/lib/sender/assert-sender'
import { loadCompanyFacts } from '@/lib/sender/route-facts'

/**
 * Who may give a card a mailbox: its owner where the company lets users set their sender, and admins. The base user may reconnect, but
 * not move the company's mail to another mailbox: `isAnother`.
 * @throws Refusal `policyNothing`, `baseAdminsOnly`
 */
export async function assertMayConnect(db: Db, actor: Actor, cardId: string, { isAnother = false } = {}): Promise<void> {
  const may = mayChange(actor, await loadCompanyFacts(db, actor.tenantId), cardId)
  if (may === 'nothing') throw new Refusal('policyNothing')
  if (may === 'password' && isAnother) throw new Refusal('baseAdminsOnly')
}
