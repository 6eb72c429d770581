import { and, eq, exists, lte, sql } from 'drizzle-orm'
import type { Statement } from '@/db/atomically'
import type { Db } from '@/db/client'
import { credentials, senders, type TestSend } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { requireCard } from '@/lib/card/require-card'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import type { Language } from '@/lib/language'
import { mayChange } from '@/lib/sender/assert-sender'
import { sortByBase } from '@/lib/sender/followers'
import { mayUseOwnMicrosoft, passwordNameAtMicrosoft } from '@/lib/sender/password-at-microsoft'
import type { Route } from '@/lib/sender/route'
import { factsOf, loadCompanyFacts } from '@/lib/sender/route-facts'
import { getSender } from '@/lib/sender/sender'
import { startTestSend } from '@/lib/test-send/test-send'
import { getConnection } from './connection'

/** A card that still signs in at Microsoft by password, and how far its move has come. */
export type Move = {
  code: string
  username: string
  passwordSavedAt: Date | null
  mailbox: string | null // that consented; null: none yet
  isReady: boolean // that mailbox may be used for the user name
  version: number // of the connection, to agree to it
  obstacle: 'policy' | 'adminOnly' | null // why this reader cannot switch: the company's policy, or others send by this card
  ownLoginCount: number // cards with a login of their own at this base user's server; each then needs a mailbox of its own
}

/** Null for a card that signs in at Microsoft by no password. @throws Refusal `notAdmin`, `cardNotFound` */
export async function findMove(db: Db, actor: Actor, { code }: { code: string }): Promise<Move | null> {
  const { id } = await requireCard(db, actor, code)
  const company = await loadCompanyFacts(db, actor.tenantId)
  const username = passwordNameAtMicrosoft(company, id)
  if (username === null) return null
  const connection = await getConnection(db, actor, { code })
  const { state, address = null, isAgreed = false, version = 0 } = connection ?? {}
  return {
    ...{ code, username, version, mailbox: address, isReady: state === 'active' && isAgreed },
    passwordSavedAt: factsOf(company, id).card.binding?.savedAt ?? null,
    obstacle: mayUseOwnMicrosoft(company, id) ? (mayChange(actor, company, id) === 'everything' ? null : 'adminOnly') : 'policy',
    ownLoginCount: company.baseCardId === id ? sortByBase(company).ownLogin.length : 0,
  }
}

type MoveInput = { code: string; to: string; language: Language }

/**
 * Sends a test message through the new connection. Only when the server accepts it does the card switch, and its
 * password is deleted in the same write; until then nothing has changed.
 * @throws Refusal `noPasswordAtMicrosoft`, `policySetsAside`, `baseAdminsOnly`, `notConnected`, and those of `startTestSend`
 */
export async function startMove(db: Db, actor: Actor, { code, to, language }: MoveInput): Promise<{ id: string }> {
  const move = await findMove(db, actor, { code })
  if (!move) throw new Refusal('noPasswordAtMicrosoft')
  if (move.obstacle === 'policy') throw new Refusal('policySetsAside')
  if (move.obstacle === 'adminOnly') throw new Refusal('baseAdminsOnly')
  if (!move.isReady) throw new Refusal('notConnected', undefined, { code })
  const { authorIsLogin } = await getSender(db, actor, { code })
  const shared = { server: '', tls: '', password: '', version: 0 } as const
  const values = { ...shared, choice: 'microsoft365', username: move.username, authorIsLogin } as const
  return startTestSend(db, actor, { code, to, values, language, movesOffPassword: true })
}

/**
 * What an accepted test of a move writes besides: the card sends by Microsoft 365 from now on, all else as it was, and
 * its password is gone. Nothing, when the sender was changed meanwhile.
 */
export function moveStatements(tx: Db, { cardId, tenantId, movesOffPassword, createdAt }: TestSend, route: Route): Statement[] {
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
      .where(and(own, eq(senders.choice, 'smtp'), eq(sql`lower(${senders.username})`, username.toLowerCase()), lte(senders.updatedAt, createdAt))),
    tx.delete(credentials).where(and(eq(credentials.cardId, cardId), exists(hasMoved))),
  ]
}

/** The company's cards that still sign in at Microsoft by password. @throws Refusal `notAdmin` */
export async function listCardsOnPasswords(db: Db, actor: Actor): Promise<{ code: string; name: string; username: string }[]> {
  assertAdmin(actor)
  const company = await loadCompanyFacts(db, actor.tenantId)
  return company.cards.flatMap(card => {
    const username = card.isActive ? passwordNameAtMicrosoft(company, card.cardId) : null
    return username === null ? [] : [{ code: card.code, name: card.name, username }]
  })
}
