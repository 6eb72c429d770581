import { and, eq } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { cards, logins, tenants } from '@/db/schema'
import { cardRow } from '@/lib/card/new-card'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { createSession } from '@/lib/login/session'
import { findTenant, newTenant } from '@/lib/tenant/tenant'
import { enqueueDemoDocuments } from './demo-documents'
import { getMode } from './mode'

const company = { slug: 'acme', name: 'Acme Sp. z o.o.' }

export const demoPeople = [
  { code: 'JAN', name: 'Jan Kowalski', email: 'jan@acme.test', role: 'admin' },
  { code: 'ANNA', name: 'Anna Nowak', email: 'anna@acme.test', role: 'user' },
  { code: 'PIOTR', name: 'Piotr Wiśniewski', email: 'piotr@acme.test', role: 'user' },
] as const

/** Gives a sandbox its demo company, once. Its people have no password: they are signed in by one click. */
export async function seedDemo(db: Db): Promise<void> {
  if (await findTenant(db, company.slug)) return
  const tenantId = newId()
  const people = demoPeople.map(({ code, name, email, role }) => {
    const loginId = newId()
    return { loginId, email, name, card: cardRow({ tenantId, loginId, code, name, email, role, isConfirmed: true }) }
  })
  try {
    await atomically(db, tx => [
      ...newTenant(tx, { id: tenantId, ...company }),
      tx.insert(logins).values(people.map(({ loginId, email }) => ({ id: loginId, email, createdAt: now() }))),
      tx.insert(cards).values(people.map(({ card }) => card)),
    ])
  } catch (error) {
    if (await findTenant(db, company.slug)) return // another process was first
    throw error
  }
  const actors = people.map(({ name, loginId, card }) => ({ name, tenantId, loginId, cardId: card.id, code: card.code, role: card.role }))
  await enqueueDemoDocuments(db, actors)
}

/**
 * One click signs in as somebody of the demo company.
 * @throws Refusal `notSandbox`; `cardNotFound` for anybody else
 */
export async function signInAsDemo(db: Db, code: string): Promise<{ sessionId: string }> {
  if ((await getMode(db)) !== 'sandbox') throw new Refusal('notSandbox')
  const isDemo = demoPeople.some(person => person.code === code)
  const [card] = await db
    .select({ loginId: cards.loginId, tenantId: cards.tenantId })
    .from(cards)
    .innerJoin(tenants, eq(tenants.id, cards.tenantId))
    .where(and(eq(tenants.slug, company.slug), eq(cards.code, code), eq(cards.isActive, true)))
  if (!isDemo || !card) throw new Refusal('cardNotFound')
  return { sessionId: await createSession(db, card.loginId, card.tenantId) }
}
