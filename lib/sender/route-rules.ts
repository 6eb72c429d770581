import { domainOf, isAddress } from './address'
import { returnPathOf } from './return-path'
import type { AccountIdentity, Mailbox, Origin, Route, RouteLogin, RouteProblem, Server, Sourced } from './route'
import type { Binding, CardFacts, RouteFacts } from './route-facts'

/** The part of a route that depends on whose configuration is used, before the sending card's own name and address come in. */
type Configuration = Pick<Route, 'sender' | 'followsBase' | 'server' | 'graph' | 'login' | 'setAside'> & { problem: RouteProblem | null }

/**
 * The one answer to "what applies when this card sends": rules 1 to 7 of the product, without a look at the database.
 * It never falls back: an own choice that is incomplete stays the card's, and its problem is named.
 */
export function resolveRoute(facts: RouteFacts): Route {
  const { card } = facts
  const configuration = configure(facts)
  return {
    tenantId: facts.tenant.id,
    cardId: card.cardId,
    code: card.code,
    ...configuration,
    ...letterhead(facts, configuration),
    ...(facts.tenant.redirectTo ? { redirectTo: facts.tenant.redirectTo } : {}),
    problem: ownProblem(card) ?? configuration.problem ?? unconfirmed(card, configuration),
  }
}

/** Rules 1 to 3: whose choice, whose server, whose login. */
function configure(facts: RouteFacts): Configuration {
  const { card, base, policy } = facts
  if (base?.cardId === card.cardId) return ownConfiguration(facts)
  const isFirstChoice = card.sender.choice === 'platform'
  if (policy.usersMaySet === 'everything' && !isFirstChoice && !isLoginOnly(card)) return ownConfiguration(facts)
  if (policy.usersMaySet === 'nothing' || isFirstChoice) return withoutOwnChoice(facts)
  if (isLoginOnly(card)) return loginUnderBase(facts)
  // only login and password may be set: another sender is set aside, an own server too, but not the login kept with it
  const keepsLogin = card.sender.choice === 'smtp' && card.sender.username !== null && base?.sender.choice === 'smtp'
  return keepsLogin ? { ...loginUnderBase(facts), setAside: ['server'] } : withoutOwnChoice(facts)
}

const isLoginOnly = ({ sender }: CardFacts) => sender.choice === 'smtp' && sender.host === null

/** The first choice: as the base user sends, or through the platform relay. What the card keeps besides is set aside. */
function withoutOwnChoice(facts: RouteFacts): Configuration {
  const { card, base } = facts
  const setAside = keptOf(card)
  if (base) return { ...followBase(facts, base), setAside }
  const origin = setAside.length > 0 ? company : from('card', card)
  return { ...throughRelay(facts, { value: 'platform', origin }), setAside }
}

/** Rule 2: server and credentials are the base user's. */
function followBase(facts: RouteFacts, base: CardFacts): Configuration {
  const problem = baseServerProblem(base) ?? baseLoginProblem(base)
  return { ...configurationOf(facts, base, 'base'), followsBase: base.code, setAside: [], problem }
}

/** Rule 2: server, port and SSL/TLS are the base user's, the login is the card's own. */
function loginUnderBase(facts: RouteFacts): Configuration {
  const { card, base } = facts
  const server = base?.sender.choice === 'smtp' ? serverOf(base) : null
  const sender = { value: 'smtp', origin: from('card', card) } as const
  const problem =
    base?.sender.choice !== 'smtp' || card.sender.username === null
      ? ({ reason: 'incomplete', code: card.code } as const)
      : (baseServerProblem(base) ?? loginProblem(card, server))
  return {
    sender,
    followsBase: null,
    server: server && { value: server, origin: from('base', base ?? card) },
    login: loginOf(card, server, 'card'),
    setAside: [],
    problem,
  }
}

/** Rule 1, and a complete own choice under rule 2. */
function ownConfiguration(facts: RouteFacts): Configuration {
  const { card } = facts
  return { ...configurationOf(facts, card, 'card'), followsBase: null, setAside: [] }
}

function configurationOf(facts: RouteFacts, owner: CardFacts, source: 'card' | 'base'): Configuration {
  const origin = from(source, owner)
  const sender = { value: owner.sender.choice, origin }
  const shared = { sender, followsBase: null, setAside: [] }
  if (owner.sender.choice === 'platform' || owner.sender.choice === 'replyTo') return throughRelay(facts, sender)
  if (owner.sender.choice === 'microsoft365') {
    const login =
      owner.sender.username === null ? null : { value: { username: owner.sender.username, credentialCardId: owner.cardId, passwordSavedAt: null }, origin }
    const reason = owner.isConsentLost ? 'reconnectNeeded' : 'notConnected'
    const problem = isConnected(owner) ? null : ({ reason, code: owner.code } as const)
    const graph = owner.isOverGraph ? facts.platform.graph : null
    return { ...shared, server: { value: facts.platform.microsoft365, origin: platform }, graph, login, problem }
  }
  const server = serverOf(owner)
  const problem = server ? loginProblem(owner, server) : ({ reason: 'incomplete', code: owner.code } as const)
  return { ...shared, server: server && { value: server, origin }, login: loginOf(owner, server, source), problem }
}

const throughRelay = (facts: RouteFacts, sender: Route['sender']): Configuration => ({
  sender,
  followsBase: null,
  server: { value: facts.platform.relay, origin: platform },
  login: null,
  setAside: [],
  problem: null,
})

/** Rules 6 and 7, and what each sender writes into From and Reply-To. */
function letterhead(facts: RouteFacts, { sender, login }: Configuration): Pick<Route, 'envelopeSender' | 'from' | 'replyTo' | 'admission'> {
  const {
    card,
    tenant,
    platform: { eventDomain },
  } = facts
  if (card.email === null) return { envelopeSender: null, from: null, replyTo: null }
  const own = from('card', card)
  const asCard: Sourced<Mailbox> = { value: { name: card.name, address: card.email }, origin: own }
  if (sender.value === 'replyTo') {
    const address = `${tenant.slug}@${eventDomain}`
    return {
      envelopeSender: { value: address, origin: company },
      from: { value: { name: `${card.name}, ${tenant.name}`, address }, origin: company },
      replyTo: { value: card.email, origin: own },
    }
  }
  if (sender.value === 'platform') return { ...throughRelayAs(card, eventDomain, card.email), from: asCard, replyTo: null }
  const mailbox = login && isOwnMailbox(login.value.username, eventDomain) ? login.value.username : null
  if (!mailbox) return { envelopeSender: { value: card.email, origin: own }, from: asCard, replyTo: null }
  const signsIn: Origin = { source: 'username', code: login?.origin.code ?? null }
  const envelopeSender = { value: mailbox, origin: signsIn }
  if (!(facts.policy.authorIsLogin || card.sender.authorIsLogin) || mailbox === card.email) return { envelopeSender, from: asCard, replyTo: null }
  return { envelopeSender, from: { value: { name: card.name, address: mailbox }, origin: signsIn }, replyTo: { value: card.email, origin: own } }
}

/** The card's e-mail unless its domain's SPF is known not to admit the relay: then a path back to the platform, whose SPF does. */
function throughRelayAs(card: CardFacts, eventDomain: string, email: string): Pick<Route, 'envelopeSender' | 'admission'> {
  const admission = card.admission ?? 'unknown'
  if (admission !== 'refuses') return { envelopeSender: { value: email, origin: from('card', card) }, admission }
  return { envelopeSender: { value: returnPathOf(card.cardId, eventDomain), origin: platform }, admission }
}

/** Rule 6: never the event domain, whose SPF does not admit the user's server. */
const isOwnMailbox = (username: string, eventDomain: string) => isAddress(username) && domainOf(username) !== eventDomain.toLowerCase()

/** What nobody else's settings can mend comes first. */
function ownProblem(card: CardFacts): RouteProblem | null {
  if (!card.isActive) return { reason: 'inactive', code: card.code }
  return card.email === null ? { reason: 'noEmail', code: card.code } : null
}

const unconfirmed = (card: CardFacts, { sender }: Configuration): RouteProblem | null =>
  sender.value === 'platform' && !card.isEmailConfirmed ? { reason: 'emailNotConfirmed', code: card.code } : null

/** Why nobody can send by the base user's server: also a card with its own login waits then. */
function baseServerProblem(base: CardFacts): RouteProblem | null {
  const mayServe = base.sender.choice === 'smtp' ? serverOf(base) !== null : base.sender.choice !== 'platform'
  return base.isActive && mayServe ? null : { reason: 'baseUnusable', code: base.code }
}

/** Why those cannot send who use the base user's login. */
function baseLoginProblem(base: CardFacts): RouteProblem | null {
  const { choice } = base.sender
  const works = choice === 'microsoft365' ? isConnected(base) : choice !== 'smtp' || !loginProblem(base, serverOf(base))
  return works ? null : { reason: 'baseUnusable', code: base.code }
}

function loginProblem(owner: CardFacts, server: Server | null): RouteProblem | null {
  const isMissing = owner.sender.username !== null && !isBound(owner.binding, server, owner.sender.username)
  return isMissing ? { reason: 'passwordNeeded', code: owner.code } : null
}

function loginOf(owner: CardFacts, server: Server | null, source: 'card' | 'base'): Sourced<RouteLogin> | null {
  const { username } = owner.sender
  if (username === null) return null
  const savedAt = isBound(owner.binding, server, username) ? (owner.binding?.savedAt ?? null) : null
  return { value: { username, credentialCardId: owner.cardId, passwordSavedAt: savedAt }, origin: from(source, owner) }
}

/** Its user name is the mailbox that consented, or one that somebody agreed this mailbox serves. */
const isConnected = ({ sender: { username }, mailboxNames }: CardFacts) => username !== null && mailboxNames.includes(username.toLowerCase())

/** Rule 4: a password serves the one host, port, SSL/TLS and user name it was typed for. */
export const isBound = (binding: Binding | null, server: Server | null, username: string | null): boolean =>
  binding !== null &&
  server !== null &&
  binding.host === server.host &&
  binding.port === server.port &&
  binding.tls === server.tls &&
  binding.username === username

/** The server on the card, whatever its sender is. Null: it is not complete. */
export function serverOf({ sender: { host, port, tls } }: CardFacts): Server | null {
  return host !== null && port !== null && tls !== null ? { host, port, tls } : null
}

function keptOf({ sender }: CardFacts): Route['setAside'] {
  if (sender.choice === 'platform') return []
  return ['sender', ...(sender.host === null ? [] : (['server'] as const)), ...(sender.username === null ? [] : (['login'] as const))]
}

const platform: Origin = { source: 'platform', code: null }
const company: Origin = { source: 'company', code: null }
const from = (source: 'card' | 'base', owner: CardFacts): Origin => ({ source, code: owner.code })

/** The account a route leaves through; mail of an incomplete choice waits in one of the card's own. */
export function accountIdentityOf(route: Route): AccountIdentity {
  const choice = route.sender.value
  if (choice === 'platform' || choice === 'replyTo')
    return { kind: 'relay', identity: 'relay', host: null, port: null, tls: null, username: null, credentialCardId: null }
  const login = route.login?.value ?? null
  const server = route.server?.value ?? null
  const kind = choice === 'smtp' ? 'smtp' : 'microsoft365'
  if (!server)
    return {
      kind,
      identity: JSON.stringify([kind, 'incomplete', route.cardId]),
      host: null,
      port: null,
      tls: null,
      username: null,
      credentialCardId: route.cardId,
    }
  const [username, credentialCardId] = [login?.username ?? null, login?.credentialCardId ?? null]
  return { kind, identity: JSON.stringify([kind, server.host, server.port, server.tls, username, credentialCardId]), ...server, username, credentialCardId }
}
