import type { Db } from '@/db/client'
import { cards, logins, type SendingPolicy, sendingPolicies, tenants } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { newId } from '@/lib/id'

export type Company = { tenantId: string; slug: string; admin: Actor; user: Actor; second: Actor }

/** A company with the admin JAN and the users ANNA and PIOTR, all with confirmed addresses at `<slug>.test`. */
export async function makeCompany(db: Db, slug = 'acme'): Promise<Company> {
  const tenantId = newId()
  await db.insert(tenants).values({ id: tenantId, slug, name: `${slug} Sp. z o.o.`, createdAt: now() })
  const [admin, user, second] = [
    await makeCard(db, { tenantId, slug, code: 'JAN', name: 'Jan Kowalski', role: 'admin' }),
    await makeCard(db, { tenantId, slug, code: 'ANNA', name: 'Anna Nowak', role: 'user' }),
    await makeCard(db, { tenantId, slug, code: 'PIOTR', name: 'Piotr Wiśniewski', role: 'user' }),
  ]
  return { tenantId, slug, admin, user, second }
}

type NewCard = { tenantId: string; slug: string; code: string; name: string; role: Actor['role']; email?: string | null }

/** One more card with its own login. The e-mail is `<code>@<slug>.test`, confirmed; null makes a card that cannot send. */
export async function makeCard(db: Db, { tenantId, slug, code, name, role, email = `${code.toLowerCase()}@${slug}.test` }: NewCard): Promise<Actor> {
  const at = now()
  const [loginId, cardId] = [newId(), newId()]
  await db.insert(logins).values({ id: loginId, email: `${code.toLowerCase()}@${slug}.test`, createdAt: at })
  await db.insert(cards).values({ id: cardId, tenantId, loginId, code, name, email, emailConfirmedAt: email ? at : null, role, createdAt: at, updatedAt: at })
  return { tenantId, cardId, code, loginId, role }
}

/** The company's mail leaves as this card's from now on, whatever its sender is: unlike `saveSendingPolicy` it asks nothing. */
export async function makeBaseUser(db: Db, { tenantId, cardId }: Actor, usersMaySet: SendingPolicy['usersMaySet'] = 'everything'): Promise<void> {
  await db.insert(sendingPolicies).values({ tenantId, baseCardId: cardId, usersMaySet, updatedAt: now() })
}
