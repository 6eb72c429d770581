import { and, eq, isNotNull, or } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, cards, logins, type PauseReason, tenants } from '@/db/schema'
import { env } from '@/lib/env'
import { type PreparedMessage, prepareMessage } from '@/lib/message/prepare-message'
import type { Route } from '@/lib/sender/route'
import { type Language, pauseNoticeText } from './pause-notice-text'

/** Mail to the owner of a paused account and to the company's admins, by a route that works: the platform's relay. */
export async function preparePauseNotices(db: Db, account: Account, reason: PauseReason, text: string | null): Promise<PreparedMessage[]> {
  const { credentialCardId } = account
  if (account.kind === 'relay' || !credentialCardId || !account.host) return []
  const people = await db
    .select({ card: cards, language: logins.language, tenant: tenants })
    .from(cards)
    .innerJoin(logins, eq(logins.id, cards.loginId))
    .innerJoin(tenants, eq(tenants.id, cards.tenantId))
    .where(
      and(eq(cards.tenantId, account.tenantId), eq(cards.isActive, true), isNotNull(cards.email), or(eq(cards.id, credentialCardId), eq(cards.role, 'admin'))),
    )
  const owner = people.find(({ card }) => card.id === credentialCardId) ?? people[0]
  if (!owner) return []
  const route = noticeRoute(owner.tenant, owner.card)
  const prepared = await Promise.allSettled(
    people.map(({ card, language }) => {
      const words = pauseNoticeText[(language ?? 'en') as Language]
      const link = card.id === credentialCardId ? `${env.appUrl}/settings/user` : `${env.appUrl}/settings/users/${encodeURIComponent(owner.card.code)}`
      const label = account.username ? `${account.username}, ${account.host}` : (account.host ?? '')
      return prepareMessage(db, route, {
        to: [card.email ?? ''],
        subject: words.subject(label),
        text: [words[reason](label), text ? `${words.serverSaid}\n    ${text.replaceAll('\n', '\n    ')}` : null, words.whatNext, link]
          .filter(Boolean)
          .join('\n\n'),
        kind: 'notice',
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
    }),
  )
  // an address that nothing can be sent to must not keep the account from being paused
  return prepared.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}

/** From the company's event address, so that no card's own settings stand in the way. */
export function noticeRoute(tenant: { id: string; slug: string; name: string }, card: { id: string; code: string }): Route {
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
