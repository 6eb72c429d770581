import { type Actor, isAdmin } from '@/lib/actor/actor'
import { isPersonalMailbox } from '@/lib/discovery/find-provider'
import { env } from '@/lib/env'
import { assertAll, Refusal } from '@/lib/errors'
import { domainOf } from './address'
import { countDependants, mayBeBase } from './followers'
import { isAtMicrosoft } from './is-at-microsoft'
import type { Server } from './route'
import { type CompanyFacts, factsOf, type SenderValues } from './route-facts'
import { isBound } from './route-rules'
import type { SenderDraft } from './sender-draft'

/** A card's sender about to be saved, with the company around it as it would be then. */
export type SenderChange = { company: CompanyFacts; cardId: string; saved: SenderValues; draft: SenderDraft; loginServer: Server | null }

/** What this actor may change on a card's sender. `password`: the base user may mend the login, not move the company's mail. */
export function mayChange(actor: Actor, company: CompanyFacts, cardId: string): 'everything' | 'login' | 'password' | 'nothing' {
  if (isAdmin(actor)) return 'everything'
  return company.baseCardId === cardId ? 'password' : company.policy.usersMaySet
}

/** @throws Refusal `policyNothing`; `policyLogin`, `baseAdminsOnly` at `choice` */
export function assertMayChange(actor: Actor, { company, cardId, saved, draft: { values } }: SenderChange): void {
  const may = mayChange(actor, company, cardId)
  const isSameServer = values.choice === saved.choice && values.host === saved.host && values.port === saved.port && values.tls === saved.tls
  const isSame = isSameServer && values.username === saved.username && values.authorIsLogin === saved.authorIsLogin
  if (may === 'nothing' && !isSame) throw new Refusal('policyNothing', 'choice')
  if (may === 'password' && !isSame) throw new Refusal('baseAdminsOnly', 'choice')
  const isLoginOnly = values.choice === 'platform' || (values.choice === 'smtp' && values.host === null)
  if (may === 'login' && !isLoginOnly && !isSameServer) throw new Refusal('policyLogin', values.choice === 'smtp' ? 'server' : 'choice')
}

/**
 * Nothing half-filled is saved, and nothing that would make a base user unusable.
 * @throws Refusal `serverNeeded`, `serverNeededBaseOther`, `ownServerOrNothing`, `microsoftHost`, `personalMailbox` at `server`; `halfFilled`,
 *   `usernameNeeded`, `personalMailbox` at `username`; `passwordNeeded` at `password`; `baseOf` at `choice`
 */
export function assertComplete(change: SenderChange): void {
  const {
    company,
    cardId,
    saved,
    draft: { values },
  } = change
  if (values.choice === 'smtp') assertSmtp(change)
  if (values.choice === 'microsoft365' && values.username === null) throw new Refusal('usernameNeeded', 'username')
  const isNewMailbox = values.choice === 'microsoft365' && (saved.choice !== 'microsoft365' || saved.username !== values.username)
  if (isNewMailbox && isPersonal(values.username)) throw personalMailbox('username')
  if (company.baseCardId === cardId && !mayBeBase(company, cardId)) {
    const asSaved = { ...company, cards: company.cards.map(card => (card.cardId === cardId ? { ...card, sender: change.saved } : card)) }
    throw new Refusal('baseOf', 'choice', { code: factsOf(company, cardId).card.code, count: countDependants(asSaved, cardId) })
  }
}

function assertSmtp(change: SenderChange): void {
  const { saved, draft } = change
  const { host, username } = draft.values
  const isOwnServerKept = saved.choice === 'smtp' && saved.host === host
  if (host !== null && isAtMicrosoft(host) && !isOwnServerKept)
    throw isPersonal(username) ? personalMailbox('server') : new Refusal('microsoftHost', 'server', { host })
  assertAll(
    () => (host === null ? assertBaseServer(change) : undefined),
    () => assertLogin(change),
  )
  if (username === null && host === null) throw new Refusal('ownServerOrNothing', 'server')
}

function assertLogin({ company, cardId, draft, loginServer }: SenderChange): void {
  const { username } = draft.values
  if (username === null && draft.password !== null) throw new Refusal('halfFilled', 'username')
  const { binding } = factsOf(company, cardId).card
  const mayServe = loginServer ? isBound(binding, loginServer, username ?? '') : binding !== null // a server that is yet to be named may be its own
  if (username !== null && draft.password === null && !mayServe) {
    throw new Refusal('passwordNeeded', 'password', { host: loginServer?.host ?? '' })
  }
}

/** What is missing of a login beside a server that is none: whether a stored password serves there nobody knows, but without one it is needed. */
export function assertLoginTyped({ username, password }: { username: string; password: string }, hasStored: boolean): void {
  if (username === '' && password !== '') throw new Refusal('halfFilled', 'username')
  if (username !== '' && password === '' && !hasStored) throw new Refusal('passwordNeeded', 'password')
}

/** An empty server is the base user's, and that must be one. */
function assertBaseServer({ company, cardId }: SenderChange): void {
  const base = factsOf(company, cardId).base
  if (!base || base.cardId === cardId) throw new Refusal('serverNeeded', 'server')
  if (base.sender.choice !== 'smtp' || base.sender.host === null) throw new Refusal('serverNeededBaseOther', 'server', { code: base.code })
}

const isPersonal = (username: string | null) => username !== null && isPersonalMailbox(domainOf(username))
const personalMailbox = (field: 'server' | 'username') => new Refusal('personalMailbox', field, { platform: env.platform.name })
