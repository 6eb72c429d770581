import { eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, cards, type PauseReason } from '@/db/schema'
import { explainPause, isSaidByServer } from '@/lib/diagnosis/explain-failure'
import { plainExplanation } from '@/lib/diagnosis/plain-explanation'
import { env } from '@/lib/env'
import type { Language } from '@/lib/language'
import type { PreparedMessage } from '@/lib/message/prepare-message'
import { listNoticed, prepareNotices } from '@/lib/notice/prepare-notices'
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
    paragraphs: [words[reason](label), plainExplanation(language, explained, values), said(words, text, reason), words.whatNext],
  }))
}

/** That the daily check does not reach the server. */
export const prepareUnreachableNotices = (db: Db, account: Account, text: string | null) =>
  prepareAccountNotices(db, account, (words, label) => ({
    subject: words.subjectUnreachable(label),
    paragraphs: [words.unreachable(label), said(words, text, null)],
  }))

/** That the account sends again, to those who were told that it does not. */
export const prepareRecoveryNotices = (db: Db, account: Account) =>
  prepareAccountNotices(db, account, (words, label) => ({ subject: words.subjectRecovered(label), paragraphs: [words.recovered(label)] }))

const said = (words: Words, text: string | null, reason: PauseReason | null) =>
  text ? `${isSaidByServer(text, reason) ? words.serverSaid : words.happened}\n    ${text.replaceAll('\n', '\n    ')}` : null

/** Mail to the owner of an account and to the company's admins; it stands with the owner's, else with the first admin's. */
async function prepareAccountNotices(db: Db, account: Account, compose: Composed): Promise<PreparedMessage[]> {
  const { credentialCardId } = account
  if (account.kind === 'relay' || !account.host) return []
  const people = await listNoticed(db, account.tenantId, credentialCardId ? eq(cards.id, credentialCardId) : undefined)
  const of = (people.find(({ card }) => card.id === credentialCardId) ?? people[0])?.card
  if (!of) return []
  const host = hostShown(account, await cardsOnGraph(db, account.tenantId)) ?? ''
  const label = account.username ? `${account.username}, ${host}` : host
  return prepareNotices(db, people, ({ card, language }) => {
    const { subject, paragraphs } = compose(pauseNoticeText[language], label, language)
    const isOwn = card.id === credentialCardId || !credentialCardId
    const link = isOwn ? `${env.appUrl}/settings/user` : `${env.appUrl}/settings/users/${encodeURIComponent(of.code)}`
    return { of, subject, paragraphs: [...paragraphs, link] }
  })
}
