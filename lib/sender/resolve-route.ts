import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { requireCard } from '@/lib/card/require-card'
import { now } from '@/lib/clock'
import type { Route } from './route'
import { factsOf, loadCompanyFacts, type RouteFacts } from './route-facts'
import { resolveRoute } from './route-rules'
import type { SenderInput } from './sender.form'
import { parseSenderInput, type SenderDraft } from './sender-draft'

/** The route of one's own card or, for an admin, of any in the company. */
export async function getRoute(db: Db, actor: Actor, { code }: { code: string }): Promise<Route> {
  const card = await requireCard(db, actor, code)
  return loadRoute(db, actor.tenantId, card.id)
}

/** The route of a card as saved, or as it would be with the `draft` of unsaved values. */
export async function loadRoute(db: Db, tenantId: string, cardId: string, draft?: SenderDraft): Promise<Route> {
  const facts = factsOf(await loadCompanyFacts(db, tenantId, [cardId]), cardId)
  return resolveRoute(draft ? withDraft(facts, draft) : facts)
}

/**
 * The route as it would be with the values on screen. Holds no secret, saves nothing.
 * @throws Refusal at `server` when what is typed there is no server
 */
export async function previewRoute(db: Db, actor: Actor, { code, ...input }: SenderInput & { code: string }): Promise<Route> {
  const card = await requireCard(db, actor, code)
  return loadRoute(db, actor.tenantId, card.id, await parseSenderInput(db, card, input))
}

/** Facts with unsaved values in place of the card's own; a typed password counts as one for just these values. */
export function withDraft(facts: RouteFacts, draft: SenderDraft): RouteFacts {
  const card = { ...facts.card, sender: draft.values }
  const base = facts.base?.cardId === card.cardId ? card : facts.base
  const drafted = { ...facts, card, base }
  const server = resolveRoute(drafted).server?.value
  const { username } = draft.values
  if (draft.password === null || !server || username === null) return drafted
  const typed = { ...card, binding: { ...server, username, savedAt: now() } }
  return { ...drafted, card: typed, base: base?.cardId === card.cardId ? typed : base }
}
