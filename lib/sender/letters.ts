import type { Db } from '@/db/client'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { requireCard } from '@/lib/card/require-card'
import { cardsThroughBase } from './followers'
import { withDraft } from './resolve-route'
import { type CompanyFacts, factsOf, loadCompanyFacts } from './route-facts'
import { resolveRoute } from './route-rules'
import type { SenderInput } from './sender.form'
import { parseSenderInput, type SenderDraft } from './sender-draft'

/** What the recipients of one card see: From, Reply-To, and where returned mail goes. `host`: the server it leaves through; empty: the platform relay. */
export type Letter = { code: string; name: string; host: string; from: string | null; replyTo: string | null; envelopeSender: string | null }

/**
 * What the recipients see of each card whose mail leaves through this base user, the base user's own first; with `values` as it would be
 * with what is on screen. Null: nobody sends through this card, or the reader is no admin.
 * @throws Refusal `cardNotFound`; at `server` or `username` for what is typed there and is none
 */
export async function findLetters(db: Db, actor: Actor, { code, values }: { code: string; values?: SenderInput }): Promise<Letter[] | null> {
  if (!isAdmin(actor)) return null
  const card = await requireCard(db, actor, code)
  const { baseCardId } = await loadCompanyFacts(db, actor.tenantId, [card.id])
  if (baseCardId !== card.id) return null
  const company = await loadCompanyFacts(db, actor.tenantId)
  const shown = values ? draftBase(company, await parseSenderInput(db, card, values)) : company
  return cardsThroughBase(shown).map(({ cardId, name }) => {
    const { code, server, sender, from, replyTo, envelopeSender } = resolveRoute(factsOf(shown, cardId))
    const isRelay = sender.value === 'platform' || sender.value === 'replyTo'
    const host = isRelay ? '' : (server?.value.host ?? '')
    return { code, name, host, from: from?.value.address ?? null, replyTo: replyTo?.value ?? null, envelopeSender: envelopeSender?.value ?? null }
  })
}

/** A company as it would be with these values on the card of its base user. */
export function draftBase(company: CompanyFacts, draft: SenderDraft): CompanyFacts {
  const { baseCardId, cards } = company
  if (!baseCardId) return company
  const { card: drafted } = withDraft(factsOf(company, baseCardId), draft)
  return { ...company, cards: cards.map(card => (card.cardId === baseCardId ? drafted : card)) }
}
