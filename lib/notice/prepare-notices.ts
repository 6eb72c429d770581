import { and, eq, isNotNull, or, type SQL } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Card, cards, logins, type Tenant, tenants } from '@/db/schema'
import { env } from '@/lib/env'
import type { Language } from '@/lib/language'
import { type PreparedMessage, prepareMessage } from '@/lib/message/prepare-message'
import type { Route } from '@/lib/sender/route'

/** Somebody whom the platform writes to about their company's mail, and the language they read. */
type Noticed = { card: Card; tenant: Tenant; language: Language }

/** `of`: the card that it stands with in the outbox. Paragraphs that are null are left out. */
export type Notice = { of: Card; subject: string; paragraphs: (string | null)[] }

/** The active cards with an e-mail that are the company's admins, or that `also` means. */
export async function listNoticed(db: Db, tenantId: string, also?: SQL): Promise<Noticed[]> {
  const people = await db
    .select({ card: cards, tenant: tenants, language: logins.language })
    .from(cards)
    .innerJoin(logins, eq(logins.id, cards.loginId))
    .innerJoin(tenants, eq(tenants.id, cards.tenantId))
    .where(and(eq(cards.tenantId, tenantId), eq(cards.isActive, true), isNotNull(cards.email), or(also, eq(cards.role, 'admin'))))
  return people.map(({ language, ...person }) => ({ ...person, language: language ?? 'en' }))
}

/** One mail to each of them, by a route that works: the platform's relay. An address that nothing can be sent to keeps nothing else from being done. */
export async function prepareNotices(db: Db, people: Noticed[], compose: (person: Noticed) => Notice): Promise<PreparedMessage[]> {
  const prepared = await Promise.allSettled(
    people.map(person => {
      const { of, subject, paragraphs } = compose(person)
      return prepareMessage(db, noticeRoute(person.tenant, of), {
        to: [person.card.email ?? ''],
        subject,
        text: paragraphs.filter(Boolean).join('\n\n'),
        kind: 'notice',
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
    }),
  )
  return prepared.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}

/** From the company's event address, so that no card's own settings stand in the way. */
function noticeRoute(tenant: Tenant, card: Card): Route {
  const origin = { source: 'platform', code: null } as const
  const address = `${tenant.slug}@${env.platform.eventDomain}`
  return {
    tenantId: tenant.id,
    cardId: card.id,
    code: card.code,
    sender: { value: 'replyTo', origin },
    followsBase: null,
    server: null,
    login: null,
    envelopeSender: { value: address, origin },
    from: { value: { name: `${env.platform.name}, ${tenant.name}`, address }, origin },
    replyTo: null,
    setAside: [],
    problem: null,
  }
}
