import { type CardFacts, type CompanyFacts, factsOf } from './route-facts'
import { resolveRoute } from './route-rules'

export type CardName = { code: string; name: string }
/** How the active cards of a company stand to its base user. */
export type Followers = { followers: CardName[]; ownLogin: CardName[]; own: CardName[] }

/** Who follows the base user entirely, who signs in at its server, and who sends by an own choice. The base user is in none. */
export function sortByBase(company: CompanyFacts): Followers {
  const sorted: Followers = { followers: [], ownLogin: [], own: [] }
  for (const card of company.cards) {
    if (!card.isActive || card.cardId === company.baseCardId) continue
    const route = resolveRoute(factsOf(company, card.cardId))
    const group = route.followsBase ? 'followers' : route.server?.origin.source === 'base' ? 'ownLogin' : 'own'
    sorted[group].push({ code: card.code, name: card.name })
  }
  return sorted
}

/** The base user and everybody whose mail leaves through its server; nobody where there is no base user. */
export function cardsThroughBase(company: CompanyFacts): CardFacts[] {
  const { followers, ownLogin } = sortByBase(company)
  const through = new Set([...followers, ...ownLogin].map(({ code }) => code))
  const base = company.cards.filter(({ cardId }) => cardId === company.baseCardId)
  return base.length === 0 ? [] : [...base, ...company.cards.filter(({ code }) => through.has(code))]
}

/** Of how many cards the given one is the base user; 0 when it is not. */
export function countDependants(company: CompanyFacts, cardId: string): number {
  if (company.baseCardId !== cardId) return 0
  const { followers, ownLogin } = sortByBase(company)
  return followers.length + ownLogin.length
}

/** Whether others can send by this card: active, and SMTP complete, Microsoft connected or Reply-to. */
export function mayBeBase(company: CompanyFacts, cardId: string): boolean {
  const facts = factsOf({ ...company, baseCardId: cardId }, cardId)
  const { problem } = resolveRoute({ ...facts, card: { ...facts.card, email: facts.card.email ?? 'any@card.test' } })
  return facts.card.sender.choice !== 'platform' && problem === null
}
