import type { Db } from '@/db/client'
import { getAccountHealth } from '@/lib/account/account-health'
import { listTrustedCertificates } from '@/lib/account/trusted-certificate'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { getCard } from '@/lib/card/card'
import { getMendContext } from '@/lib/diagnosis/mend-context'
import { countReroutable } from '@/lib/message/reroute'
import { findMove } from '@/lib/microsoft365/move-off-password'
import { findLetters } from '@/lib/sender/letters'
import { getRoute } from '@/lib/sender/resolve-route'
import { getSender } from '@/lib/sender/sender'
import { getTenant } from '@/lib/tenant/tenant'
import { findIdentityRun } from '@/lib/test-send/identity-run'
import { readBesideTest } from '../_conversation/read-beside-test'
import type { CardQuery } from './card-screen'
import { microsoftFacts } from './microsoft-facts'

/**
 * What the page says of a card. `run`: the company's last identity run, null for who is no admin and when there was none;
 * `tested`: of the test that a move off a password made, null where none is named.
 * @throws Refusal `notAdmin` for another's card, `cardNotFound`
 */
export async function readCard(db: Db, actor: Actor, { code, query }: { code: string; query: CardQuery }) {
  const run = isAdmin(actor) ? await findIdentityRun(db, actor) : null // first: one that has ended by now has changed what is read below
  const { tested, facts } = await readBesideTest(actor, query.move, () =>
    Promise.all([
      getCard(db, actor, { code }),
      getCard(db, actor, { code: actor.code }),
      getSender(db, actor, { code }),
      getRoute(db, actor, { code }),
      getTenant(db, actor),
      countReroutable(db, actor, { code }),
      getAccountHealth(db, actor, { code }),
      getMendContext(db, actor, { code }),
      microsoftFacts(db, actor, { code, query }),
      findMove(db, actor, { code }),
      findLetters(db, actor, { code }),
      isAdmin(actor) ? listTrustedCertificates(db, actor, { code }) : [],
    ]),
  )
  const [card, own, sender, route, tenant, waiting, health, mend, microsoft, move, letters, trusts] = facts
  return { run, tested, card, own, sender, route, tenant, waiting, health, mend, microsoft, move, letters, trusts }
}
