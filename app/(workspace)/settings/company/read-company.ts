import type { Db } from '@/db/client'
import { listAccounts } from '@/lib/account/list-accounts'
import { listTrustedCertificates } from '@/lib/account/trusted-certificate'
import type { Actor } from '@/lib/actor/actor'
import { listCards } from '@/lib/card/card'
import { countAllReroutable } from '@/lib/message/reroute'
import { getSendingPolicy, listFollowers } from '@/lib/sender/sending-policy'
import { getTenant } from '@/lib/tenant/tenant'
import { findIdentityRun } from '@/lib/test-send/identity-run'

/** What the page says of a company, and its last identity run; null when there was none. @throws Refusal `notAdmin` */
export async function readCompany(db: Db, actor: Actor) {
  const run = await findIdentityRun(db, actor) // first: one that has ended by now has proven the accounts that are read below
  const [tenant, policy, followers, cards, accounts, trusts, waiting] = await Promise.all([
    getTenant(db, actor),
    getSendingPolicy(db, actor),
    listFollowers(db, actor),
    listCards(db, actor),
    listAccounts(db, actor),
    listTrustedCertificates(db, actor),
    countAllReroutable(db, actor),
  ])
  return { run, tenant, policy, followers, cards, accounts, trusts, waiting }
}
