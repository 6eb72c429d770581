import { and, eq, isNotNull, or } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, cards, logins, type PauseReason, tenants } from '@/db/schema'
import { explainPause } from '@/lib/diagnosis/explain-failure'
import { plainExplanation } from '@/lib/diagnosis/plain-explanation'
import { env } from '@/lib/env'
import type { Language } from '@/lib/language'
import { type PreparedMessage, prepareMessage } from '@/lib/message/prepare-message'
import type { Route } from '@/lib/sender/route'
import { cardsOnGraph, hostShown } from './host-shown'
import { pauseNoticeText } from './pause-notice-text'

type Words = (typeof pauseNoticeText)[Language]
type Composed = (words: Words, label: string, language: Language) => { subject: string; paragraphs: (string | null)[] }

/** Why an account is paused, by the same explanation as on the pages, to those who can mend it. */
export function preparePauseNotices(db: Db, account: Account, reason: PauseReason, text: string | null): Promise<PreparedMessage[]> {
  const explained = explainPause({ reason, text, host: account.host })
  const values = { host: account.host ?? '', username: account.username ?? '' }
  return prepareAccountNotices(db, account, (words, label, language) => ({
    subject: words.subject(label),
    paragraphs: [words[reason](label), plainExplanation(language, explained, values), said(words, text), words.whatNext],
  }))
}

/** That the daily check does not reach the server. */
export const prepareUnreachableNotices = (db: Db, account: Account, text: string | null) =>
  prepareAccountNotices(db, account, (words, label) => ({
    subject: words.subjectUnreachable(label),
    paragraphs: [words.unreachable(label), said(words, text)],
  }))

/** That the account sends again, to those who were told that it does not. */
export const prepareRecoveryNotices = (db: Db, account: Account) =>
  prepareAccountNotices(db, account, (words, label) => ({ subject: words.subjectRecovered(label), paragraphs: [words.recovered(label)] }))

const said = (words: Words, text: string | null) => (text ? `${words.serverSaid}\n    ${text.replaceAll('\n', '\n    ')}` : null)

/** Mail to the owner of an account and to the company's admins, by a route that works: the platform's relay. */
async function prepareAccountNotices(db: Db, account: Account, compose: Composed): Promise<PreparedMessage[]> {
  const { credentialCardId } = account
  if (account.kind === 'relay' || !account.host) return []
  const owner = credentialCardId ? eq(cards.id, credentialCardId) : undefined
  const people = await db
    .select({ card: cards, language: logins.language, tenant: tenants })
    .from(cards)
    .innerJoin(logins, eq(logins.id, cards.loginId))
    .innerJoin(tenants, eq(tenants.id, cards.tenantId))
    .where(and(eq(cards.tenantId, account.tenantId), eq(cards.isActive, true), isNotNull(cards.email), or(owner, eq(cards.role, 'admin'))))
  const sender = people.find(({ card }) => card.id === credentialCardId) ?? people[0]
  if (!sender) return []
  const route = noticeRoute(sender.tenant, sender.card)
  const host = hostShown(account, await cardsOnGraph(db, account.tenantId)) ?? ''
  const prepared = await Promise.allSettled(
    people.map(({ card, language: chosen }) => {
      const language = chosen ?? 'en'
      const label = account.username ? `${account.username}, ${host}` : host
      const { subject, paragraphs } = compose(pauseNoticeText[language], label, language)
      const isOwn = card.id === credentialCardId || !credentialCardId
      const link = isOwn ? `${env.appUrl}/settings/user` : `${env.appUrl}/settings/users/${encodeURIComponent(sender.card.code)}`
      return prepareMessage(db, route, {
        to: [card.email ?? ''],
        subject,
        text: [...paragraphs, link].filter(Boolean).join('\n\n'),
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
