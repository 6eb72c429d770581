import { and, eq, exists, sql } from 'drizzle-orm'
import type { Statement } from '@/db/atomically'
import type { Db } from '@/db/client'
import { credentials, senders, type TestSend } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { mayChange } from '@/lib/sender/assert-sender'
import type { Route } from '@/lib/sender/route'
import { type CardFacts, type CompanyFacts, factsOf, loadCompanyFacts } from '@/lib/sender/route-facts'
import { resolveRoute } from '@/lib/sender/route-rules'
import { isMicrosoftHost } from '@/lib/sender/server-field'
import { startTestSend } from '@/lib/test-send/test-send'
import type { Language } from '@/lib/test-send/test-text'
import { getConnection } from './connection'

/** A card that still signs in at Microsoft by password, and how far its move has come. */
export type Move = {
  username: string
  passwordSavedAt: Date | null
  mailbox: string | null // that consented; null: none yet
  isReady: boolean // that mailbox may be used for the user name
  version: number // of the connection, to agree to it
}

const isAtMicrosoft = (host: string) => isMicrosoftHost(host) || host.toLowerCase() === env.platform.microsoft365.host.toLowerCase()

/** Null for a card that signs in at Microsoft by no password, or whose sender this person may not change. @throws Refusal `notAdmin`, `cardNotFound` */
export async function findMove(db: Db, actor: Actor): Promise<Move | null> {
  const company = await loadCompanyFacts(db, actor.tenantId)
  const card = factsOf(company, actor.cardId).card
  const username = passwordNameAtMicrosoft(company, card)
  if (username === null || mayChange(actor, company, actor.cardId) !== 'everything') return null
  const connection = await getConnection(db, actor, { code: actor.code })
  const { state, address = null, isAgreed = false, version = 0 } = connection ?? {}
  return { username, passwordSavedAt: card.binding?.savedAt ?? null, mailbox: address, isReady: state === 'active' && isAgreed, version }
}

/** Under which name a card signs in by password at one of Microsoft's servers; null when it does not. */
function passwordNameAtMicrosoft(company: CompanyFacts, card: CardFacts): string | null {
  if (card.sender.choice !== 'smtp' || card.sender.username === null) return null
  const route = resolveRoute(factsOf(company, card.cardId))
  const isOwnLogin = route.login?.value.credentialCardId === card.cardId
  return isOwnLogin && isAtMicrosoft(route.server?.value.host ?? '') ? card.sender.username : null
}

/**
 * Sends a test message through the new connection. Only when the server accepts it does the card switch, and its
 * password is deleted in the same write; until then nothing has changed.
 * @throws Refusal `noPasswordAtMicrosoft`, `notConnected`, and those of `startTestSend`
 */
export async function startMove(db: Db, actor: Actor, { to, language }: { to: string; language: Language }): Promise<{ id: string }> {
  const move = await findMove(db, actor)
  if (!move) throw new Refusal('noPasswordAtMicrosoft')
  if (!move.isReady) throw new Refusal('notConnected', undefined, { code: actor.code })
  const { sender } = factsOf(await loadCompanyFacts(db, actor.tenantId, [actor.cardId]), actor.cardId).card
  const shared = { server: '', tls: '', password: '', version: 0 } as const
  const values = { ...shared, choice: 'microsoft365', username: move.username, authorIsLogin: sender.authorIsLogin } as const
  return startTestSend(db, actor, { code: actor.code, to, values, language, movesOffPassword: true })
}

/**
 * What an accepted test of a move writes besides: the card sends by Microsoft 365 from now on, all else as it was, and
 * its password is gone. Nothing, when the sender was changed meanwhile.
 */
export function moveStatements(tx: Db, { cardId, tenantId, movesOffPassword }: TestSend, route: Route): Statement[] {
  const username = route.login?.value.username
  if (!movesOffPassword || !username) return []
  const own = and(eq(senders.cardId, cardId), eq(senders.tenantId, tenantId))
  const hasMoved = tx
    .select({ cardId: senders.cardId })
    .from(senders)
    .where(and(own, eq(senders.choice, 'microsoft365')))
  return [
    tx
      .update(senders)
      .set({ choice: 'microsoft365', host: null, port: null, tls: null, version: sql`${senders.version} + 1`, updatedAt: now() })
      .where(and(own, eq(senders.choice, 'smtp'), eq(sql`lower(${senders.username})`, username.toLowerCase()))),
    tx.delete(credentials).where(and(eq(credentials.cardId, cardId), exists(hasMoved))),
  ]
}

/** The company's cards that still sign in at Microsoft by password. @throws Refusal `notAdmin` */
export async function listCardsOnPasswords(db: Db, actor: Actor): Promise<{ code: string; name: string; username: string }[]> {
  assertAdmin(actor)
  const company = await loadCompanyFacts(db, actor.tenantId)
  return company.cards.flatMap(card => {
    const username = card.isActive ? passwordNameAtMicrosoft(company, card) : null
    return username === null ? [] : [{ code: card.code, name: card.name, username }]
  })
}
