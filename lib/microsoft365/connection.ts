import { and, eq, sql } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { accounts, type Microsoft365Connection, microsoft365Connections, type Sender, senders } from '@/db/schema'
import { resumeAccountsOf } from '@/lib/account/resume-accounts'
import type { Actor } from '@/lib/actor/actor'
import { requireCard } from '@/lib/card/require-card'
import { Refusal } from '@/lib/errors'
import { isAddress } from '@/lib/sender/address'
import { countDependants } from '@/lib/sender/followers'
import { loadCompanyFacts, nothingChosen } from '@/lib/sender/route-facts'
import { findConnection } from './access-token'
import { assertMayConnect } from './assert-may-connect'
import { serves } from './microsoft-login'

/** What the card shows of its mailbox at Microsoft. Of tokens nothing. */
export type ConnectionView = Pick<
  Microsoft365Connection,
  'address' | 'saslUser' | 'via' | 'state' | 'cause' | 'causeText' | 'connectedAt' | 'brokenAt' | 'version'
> & {
  isAgreed: boolean // it may be used for the card's user name
  username: string // the card's user name, or its e-mail where none was typed
}

/** @throws Refusal `notAdmin`, `cardNotFound` */
export async function getConnection(db: Db, actor: Actor, { code }: { code: string }): Promise<ConnectionView | null> {
  const card = await requireCard(db, actor, code)
  const connection = await findConnection(db, { tenantId: actor.tenantId, cardId: card.id })
  if (!connection) return null
  const { address, saslUser, via, state, cause, causeText, connectedAt, brokenAt, version } = connection
  const username = (await wantedNameOf(db, card.id)) ?? card.email ?? ''
  return { address, saslUser, via, state, cause, causeText, connectedAt, brokenAt, version, username, isAgreed: serves(connection, username) }
}

/** The name a mailbox is wanted for: also of a card that still signs in by password and is about to move. */
export async function wantedNameOf(db: Db, cardId: string): Promise<string | null> {
  const { choice, username } = await choiceOf(db, cardId)
  return choice === 'microsoft365' || (choice === 'smtp' && isAddress(username ?? '')) ? username : null
}

async function choiceOf(db: Db, cardId: string): Promise<Pick<Sender, 'choice' | 'username'>> {
  const [sender] = await db.select({ choice: senders.choice, username: senders.username }).from(senders).where(eq(senders.cardId, cardId))
  return sender ?? nothingChosen
}

/**
 * *Use it anyway*: the connected mailbox serves the card's user name though its address is another (a shared mailbox, an alias).
 * `version` is that of the connection the person looked at.
 * @throws Refusal `notAdmin`, `cardNotFound`, `stale`, and those of `assertMayConnect`
 */
export async function agreeToMailbox(db: Db, actor: Actor, { code, version }: { code: string; version: number }): Promise<void> {
  const card = await requireCard(db, actor, code)
  await assertMayConnect(db, actor, card.id, { isAnother: true })
  const username = (await wantedNameOf(db, card.id)) ?? card.email
  if (!username) throw new Refusal('noEmail')
  const asSeen = and(
    eq(microsoft365Connections.cardId, card.id),
    eq(microsoft365Connections.tenantId, actor.tenantId),
    eq(microsoft365Connections.version, version),
  )
  const agreed = await db
    .update(microsoft365Connections)
    .set({ agreedUsername: username.toLowerCase(), saslUser: null, version: sql`${microsoft365Connections.version} + 1` })
    .where(asSeen)
    .returning({ cardId: microsoft365Connections.cardId })
  if (agreed.length === 0) throw new Refusal('stale')
  await resumeAccountsOf(db, { tenantId: actor.tenantId, cardId: card.id })
}

/**
 * Forgets the consent and its tokens. Mail that leaves by it waits, and says so.
 * @throws Refusal `notAdmin`, `cardNotFound`; `baseOf` while others send by this card; `stale` when a company policy changed meanwhile
 */
export async function disconnectMailbox(db: Db, actor: Actor, { code }: { code: string }): Promise<void> {
  const card = await requireCard(db, actor, code)
  const { choice, username } = await choiceOf(db, card.id)
  const isUsed = choice === 'microsoft365' && username !== null
  await assertMayConnect(db, actor, card.id, { isAnother: isUsed }) // a base user takes back a consent that nothing leaves by yet
  const company = await loadCompanyFacts(db, actor.tenantId)
  if (company.baseCardId === card.id && isUsed) throw new Refusal('baseOf', undefined, { code: card.code, count: countDependants(company, card.id) })
  try {
    await atomically(db, tx => [
      must(
        tx
          .delete(microsoft365Connections)
          .where(and(eq(microsoft365Connections.cardId, card.id), eq(microsoft365Connections.tenantId, actor.tenantId)))
          .returning({ cardId: microsoft365Connections.cardId }),
      ),
      // an engine that is about to use the account looks again
      tx
        .update(accounts)
        .set({ leaseNumber: sql`${accounts.leaseNumber} + 1`, leaseUntil: null })
        .where(and(eq(accounts.tenantId, actor.tenantId), eq(accounts.kind, 'microsoft365'), eq(accounts.credentialCardId, card.id))),
    ])
  } catch (error) {
    if (!(error instanceof NothingMatched)) throw error // gone already
  }
}
