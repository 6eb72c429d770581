import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { compiledQuery } from '@/db/compiled-query'
import {
  type Card,
  type Credential,
  cards,
  credentials,
  type Microsoft365Connection,
  microsoft365Connections,
  type Sender,
  type SenderChoice,
  type SendingPolicy,
  senders,
  sendingPolicies,
  type Tls,
  tenants,
} from '@/db/schema'
import { type Admission, findAdmissions } from '@/lib/deliverability/find-admission'
import { env } from '@/lib/env'
import { redirectNow } from '@/lib/tenant/mail-switch'
import { parseRelay } from '@/lib/transport/relay'
import { domainOf } from './address'
import type { Server } from './route'

/** A choice with its fields, saved or only typed. Null as in the table of senders. */
export type SenderValues = { choice: SenderChoice; host: string | null; port: number | null; tls: Tls | null; username: string | null; authorIsLogin: boolean }

/** What a kept password is bound to, and since when. Never the password. */
export type Binding = { host: string; port: number; tls: Tls; username: string; savedAt: Date }

export type CardFacts = {
  cardId: string
  code: string
  name: string
  email: string | null
  isEmailConfirmed: boolean
  isActive: boolean
  sender: SenderValues
  binding: Binding | null // null: no password is kept
  mailboxNames: string[] // user names that a Microsoft connection in force may be used for, lower case
  isOverGraph?: boolean // the Microsoft connection was switched to Graph
  isConsentLost?: boolean // there is one, and Microsoft wants a new consent
  senderVersion: number // 0: nothing was ever saved
  admission?: Admission // whether the SPF of the e-mail's domain admits the platform relay; absent: not known
}

/** All that the route of one card depends on. */
export type RouteFacts = {
  tenant: { id: string; slug: string; name: string; redirectTo?: string | null }
  card: CardFacts
  base: CardFacts | null // also set when the card is the base user itself
  policy: Pick<SendingPolicy, 'usersMaySet' | 'authorIsLogin'>
  platform: { eventDomain: string; relay: Server; microsoft365: Server; graph: Server }
}

/** All cards of a company as the rules see them; `RouteFacts` of any of them are one `factsOf` away. */
export type CompanyFacts = Omit<RouteFacts, 'card' | 'base'> & { cards: CardFacts[]; baseCardId: string | null; policyVersion: number }

export const nothingChosen: SenderValues = { choice: 'platform', host: null, port: null, tls: null, username: null, authorIsLogin: false }

/** @throws Error when the card is not one of this company */
export function factsOf(company: CompanyFacts, cardId: string): RouteFacts {
  const { cards: all, baseCardId, policyVersion, ...shared } = company
  const find = (id: string | null) => all.find(card => card.cardId === id)
  const card = find(cardId)
  if (!card) throw new Error(`card ${cardId} is not of company ${company.tenant.id}`)
  return { ...shared, card, base: find(baseCardId) ?? null }
}

// every message that is queued reads these two
const companyById = compiledQuery(db =>
  db
    .select({ tenant: tenants, policy: sendingPolicies })
    .from(tenants)
    .leftJoin(sendingPolicies, eq(sendingPolicies.tenantId, tenants.id))
    .where(eq(tenants.id, sql.placeholder('tenantId'))),
)
const oneOrTwoCards = compiledQuery(db =>
  selectCards(db, and(eq(cards.tenantId, sql.placeholder('tenantId')), inArray(cards.id, [sql.placeholder('one'), sql.placeholder('two')]))),
)

/** Reads a company with the given cards (and its base user), or with all of them. */
export async function loadCompanyFacts(db: Db, tenantId: string, cardIds?: string[]): Promise<CompanyFacts> {
  const [company] = await companyById(db, { tenantId })
  if (!company) throw new Error(`company ${tenantId} does not exist`)
  const { tenant, policy } = company
  const wanted = cardIds && [...cardIds, ...(policy?.baseCardId ? [policy.baseCardId] : [])]
  return {
    tenant: { id: tenant.id, slug: tenant.slug, name: tenant.name, redirectTo: redirectNow(tenant) },
    policy: { usersMaySet: policy?.usersMaySet ?? 'everything', authorIsLogin: policy?.authorIsLogin ?? false },
    policyVersion: policy?.version ?? 0,
    baseCardId: policy?.baseCardId ?? null,
    platform: platformFacts(),
    cards: await loadCards(db, tenantId, wanted),
  }
}

async function loadCards(db: Db, tenantId: string, cardIds: string[] | undefined): Promise<CardFacts[]> {
  const [one = '', two = one] = cardIds ?? []
  const isFew = cardIds !== undefined && cardIds.length <= 2
  const rows = isFew
    ? await oneOrTwoCards(db, { tenantId, one, two })
    : await selectCards(db, and(eq(cards.tenantId, tenantId), cardIds && inArray(cards.id, cardIds)))
  const admissions = await findAdmissions(
    db,
    rows.flatMap(({ card: { email } }) => (email ? [domainOf(email)] : [])),
  )
  return rows.map(row => ({ ...cardFacts(row), admission: admissions.get(domainOf(row.card.email ?? '')) ?? 'unknown' }))
}

function selectCards(db: Db, scope: SQL | undefined) {
  return db
    .select({ card: cards, sender: senders, credential: credentials, connection: mailboxColumns })
    .from(cards)
    .leftJoin(senders, eq(senders.cardId, cards.id))
    .leftJoin(credentials, eq(credentials.cardId, cards.id))
    .leftJoin(microsoft365Connections, eq(microsoft365Connections.cardId, cards.id))
    .where(scope)
    .orderBy(asc(cards.code))
}

const mailboxColumns = {
  state: microsoft365Connections.state,
  address: microsoft365Connections.address,
  agreedUsername: microsoft365Connections.agreedUsername,
  via: microsoft365Connections.via,
}

type CardRows = {
  card: Card
  sender: Sender | null
  credential: Credential | null
  connection: Pick<Microsoft365Connection, 'state' | 'address' | 'agreedUsername' | 'via'> | null
}

const cardFacts = ({ card, sender, credential, connection }: CardRows): CardFacts => ({
  cardId: card.id,
  code: card.code,
  name: card.name,
  email: card.email,
  isEmailConfirmed: card.emailConfirmedAt !== null,
  isActive: card.isActive,
  sender: sender ? pickValues(sender) : nothingChosen,
  binding: credential && { host: credential.host, port: credential.port, tls: credential.tls, username: credential.username, savedAt: credential.savedAt },
  senderVersion: sender?.version ?? 0,
  mailboxNames: connection?.state === 'active' ? [connection.address.toLowerCase(), connection.agreedUsername].filter(name => name !== null) : [],
  isOverGraph: connection?.via === 'graph',
  isConsentLost: connection?.state === 'reconnectNeeded',
})

const pickValues = ({ choice, host, port, tls, username, authorIsLogin }: SenderValues): SenderValues => ({
  choice,
  host,
  port,
  tls,
  username,
  authorIsLogin,
})

function platformFacts(): RouteFacts['platform'] {
  const { eventDomain, microsoft365 } = env.platform
  return { eventDomain, relay: relayServer(), microsoft365: { ...microsoft365, tls: 'starttls' }, graph: graphServer() }
}

/** Graph as a server among others. Where no application is registered, and in a sandbox that plays Microsoft, pages name Microsoft's own. */
export function graphServer(graphUrl = env.microsoft365?.graphUrl ?? 'https://graph.microsoft.com'): Server {
  const { hostname, port } = new URL(graphUrl)
  return { host: hostname, port: Number(port) || 443, tls: 'implicit' }
}

/** The relay as a page names it. Its login is the platform's and never shown. */
function relayServer(): Server {
  if (!env.relayUrl) return { host: env.platform.relay.host, port: 25, tls: 'starttls' }
  const { host, port, tls } = parseRelay(env.relayUrl)
  return { host, port, tls }
}
