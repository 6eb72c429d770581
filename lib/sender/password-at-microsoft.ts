import { isAtMicrosoft } from './is-at-microsoft'
import { withDraft } from './resolve-route'
import { type CompanyFacts, factsOf, nothingChosen } from './route-facts'
import { resolveRoute } from './route-rules'

/** Under which name a card signs in by password at one of Microsoft's servers; null when it does not. */
export function passwordNameAtMicrosoft(company: CompanyFacts, cardId: string): string | null {
  const { card, ...facts } = factsOf(company, cardId)
  if (card.sender.choice !== 'smtp' || card.sender.username === null) return null
  const route = resolveRoute({ ...facts, card })
  const isOwnLogin = route.login?.value.credentialCardId === cardId
  return isOwnLogin && isAtMicrosoft(route.server?.value.host ?? '') ? card.sender.username : null
}

/** Whether a card would send by a Microsoft connection of its own: a policy may set that aside. */
export function mayUseOwnMicrosoft(company: CompanyFacts, cardId: string): boolean {
  const facts = factsOf(company, cardId)
  const values = { ...nothingChosen, choice: 'microsoft365', username: facts.card.sender.username } as const
  const { login, sender } = resolveRoute(withDraft(facts, { values, password: null }))
  return sender.value === 'microsoft365' && login?.value.credentialCardId === cardId
}
