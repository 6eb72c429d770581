import { and, eq, sql } from 'drizzle-orm'
import { atomically, carryOut, must, type Plan } from '@/db/atomically'
import type { Db } from '@/db/client'
import { credentials, type SenderChoice, type SendingPolicy, senders, sendingPolicies, type Tls } from '@/db/schema'
import { findAccount, resumeAccountsOf, resumeStatements } from '@/lib/account/account'
import type { Actor } from '@/lib/actor/actor'
import { requireCard } from '@/lib/card/require-card'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { allOf, Refusal } from '@/lib/errors'
import { getMode } from '@/lib/installation/mode'
import { seal } from '@/lib/secret/seal'
import { allowedPorts } from './allowed-ports'
import { assertComplete, assertLoginTyped, assertMayChange, mayChange, type SenderChange } from './assert-sender'
import { isAtMicrosoft } from './is-at-microsoft'
import { credentialPlace } from './open-credential'
import { mayUseOwnMicrosoft, passwordNameAtMicrosoft } from './password-at-microsoft'
import { loadRoute } from './resolve-route'
import type { Server } from './route'
import { type CompanyFacts, factsOf, loadCompanyFacts, type RouteFacts } from './route-facts'
import { accountIdentityOf, isBound, resolveRoute, serverOf } from './route-rules'
import type { SenderInput } from './sender.form'
import { parseSenderInput, type SenderDraft } from './sender-draft'
import { type AllowedPorts, formatServer, stripAppPasswordBlanks } from './server-field'

/** What a card's form shows of its sender. Of the password only that it is there, and since when. */
export type SenderView = {
  code: string
  choice: SenderChoice
  server: string // as typed: host:port; '' is the base user's
  tls: Tls | null
  username: string
  hasPassword: boolean // one that serves where it would be used now
  passwordSavedAt: Date | null
  authorIsLogin: boolean
  version: number
  updatedAt: Date | null
  isBase: boolean
  baseCode: string | null // the base user, when it is another card
  baseChoice: SenderChoice | null
  baseServer: string | null // shown as ghost text where the own server is empty
  baseTls: Tls | null
  usersMaySet: SendingPolicy['usersMaySet']
  mayChange: 'everything' | 'login' | 'password' | 'nothing'
  mayConfigure: boolean
  hasMicrosoftNotice: boolean // a password at one of Microsoft's servers
  allowedPorts: AllowedPorts
}

/** @throws Refusal `notAdmin`, `cardNotFound` */
export async function getSender(db: Db, actor: Actor, { code }: { code: string }): Promise<SenderView> {
  const { id } = await requireCard(db, actor, code)
  const company = await loadCompanyFacts(db, actor.tenantId, [id])
  const facts = factsOf(company, id)
  const { sender, binding, senderVersion } = facts.card
  const base = facts.base && facts.base.cardId !== id ? facts.base : null
  const own = serverOf(facts.card)
  const inherited = base?.sender.choice === 'smtp' ? serverOf(base) : null
  const hasPassword = isBound(binding, loginServerOf(facts), sender.username)
  const may = mayChange(actor, company, id)
  const [row] = await db.select({ updatedAt: senders.updatedAt }).from(senders).where(eq(senders.cardId, id))
  return {
    code,
    choice: sender.choice,
    server: own ? formatServer(own) : '',
    tls: sender.tls,
    username: sender.username ?? '',
    hasPassword,
    passwordSavedAt: hasPassword ? (binding?.savedAt ?? null) : null,
    authorIsLogin: sender.authorIsLogin,
    version: senderVersion,
    updatedAt: row?.updatedAt ?? null,
    isBase: company.baseCardId === id,
    baseCode: base?.code ?? null,
    baseChoice: base?.sender.choice ?? null,
    baseServer: inherited && formatServer(inherited),
    baseTls: inherited?.tls ?? null,
    usersMaySet: facts.policy.usersMaySet,
    mayChange: may,
    mayConfigure: may !== 'nothing',
    hasMicrosoftNotice: sender.choice === 'smtp' && isAtMicrosoft((own ?? inherited)?.host ?? ''),
    allowedPorts: allowedPorts(await getMode(db)),
  }
}

/**
 * Saves how a card's mail leaves. An empty password keeps the stored one, but only for the very server and user name
 * it was typed for. `removedBlanks`: an app password lost the blanks it was pasted with.
 * @throws Refusal `stale`, `moveByTest`, and those of `assertMayChange` and `assertComplete`
 */
export async function saveSender(db: Db, actor: Actor, input: SenderInput & { code: string }): Promise<{ removedBlanks: boolean }> {
  const plan = await planSender(db, actor, input)
  await carryOut(db, [plan])
  return { removedBlanks: plan.removedBlanks }
}

/** What `saveSender` would write; the card's page writes it together with the card. */
export async function planSender(db: Db, actor: Actor, { code, ...input }: SenderInput & { code: string }): Promise<Plan & { removedBlanks: boolean }> {
  const card = await requireCard(db, actor, code)
  const company = await loadCompanyFacts(db, actor.tenantId)
  const draft = await readDraft(db, factsOf(company, card.id).card, input)
  const { sender: saved, senderVersion } = factsOf(company, card.id).card
  if (senderVersion !== input.version) throw new Refusal('stale')
  const change = drafted(company, { cardId: card.id, saved, draft })
  assertMayChange(actor, change)
  assertMovedByTest(company, card.id, draft)
  const { password, removed } = stripAppPasswordBlanks(change.loginServer?.host ?? '', draft.password ?? '', env.platform.gmail.host)
  assertComplete({ ...change, company: withTyped(change, password) })
  return {
    statements: statementsOf(change, { version: input.version, password }),
    refusal: () => new Refusal('stale'),
    afterwards: () => releaseMail(db, { tenantId: actor.tenantId, cardId: card.id }),
    removedBlanks: removed,
  }
}

/** What was typed; where the server is none, also what is missing of the login beside it. */
async function readDraft(db: Db, card: RouteFacts['card'], input: SenderInput): Promise<SenderDraft> {
  const reading = parseSenderInput(db, card, input)
  if (input.choice !== 'smtp') return reading
  const checkLogin = async () => {
    const isRead = await reading.then(
      () => true,
      () => false,
    )
    if (!isRead) assertLoginTyped({ username: input.username.trim(), password: input.password }, card.binding !== null)
  }
  const [draft] = await allOf(reading, checkLogin())
  return draft
}

/**
 * A password that serves at Microsoft is given up only when a test has left by the new way: see `startMove`.
 * @throws Refusal `moveByTest` at `choice`
 */
function assertMovedByTest(company: CompanyFacts, cardId: string, { values }: SenderDraft): void {
  const { binding } = factsOf(company, cardId).card
  const isAtStake = binding !== null && passwordNameAtMicrosoft(company, cardId) !== null && mayUseOwnMicrosoft(company, cardId)
  if (values.choice === 'microsoft365' && isAtStake) throw new Refusal('moveByTest', 'choice')
}

/** What waits for this card's login is tried again; so is what waits at the own server that wants no login. */
async function releaseMail(db: Db, own: { tenantId: string; cardId: string }): Promise<void> {
  await resumeAccountsOf(db, own)
  const route = await loadRoute(db, own.tenantId, own.cardId)
  if (route.followsBase || route.login || route.sender.value !== 'smtp') return
  const account = await findAccount(db, own.tenantId, accountIdentityOf(route).identity)
  if (account?.state === 'paused') await atomically(db, tx => resumeStatements(tx, [account.id]))
}

/** Where the card's own login signs in: at the server of its route, or at the own one that the policy sets aside. */
function loginServerOf(facts: RouteFacts): Server | null {
  const { login, server } = resolveRoute(facts)
  return login?.value.credentialCardId === facts.card.cardId ? (server?.value ?? null) : serverOf(facts.card)
}

function drafted(company: CompanyFacts, { cardId, saved, draft }: Omit<SenderChange, 'company' | 'loginServer'>): SenderChange {
  const changed = { ...company, cards: company.cards.map(card => (card.cardId === cardId ? { ...card, sender: draft.values } : card)) }
  return { company: changed, cardId, saved, draft, loginServer: loginServerOf(factsOf(changed, cardId)) }
}

/** The company as it will be with the typed password stored. */
function withTyped({ company, cardId, draft, loginServer }: SenderChange, password: string): CompanyFacts {
  const { username } = draft.values
  if (password === '' || username === null || !loginServer) return company
  const binding = { ...loginServer, username, savedAt: now() }
  return { ...company, cards: company.cards.map(card => (card.cardId === cardId ? { ...card, binding } : card)) }
}

function statementsOf(
  { company, cardId, draft: { values }, loginServer }: SenderChange,
  { version, password }: { version: number; password: string },
): Plan['statements'] {
  const tenantId = company.tenant.id
  const { username } = values
  const isKept = values.choice === 'smtp' && username !== null && password === ''
  const use = username !== null && password !== '' && loginServer ? { tenantId, cardId, ...loginServer, username } : null
  const credential = use && { ...use, passwordSealed: seal(password, credentialPlace(use)), savedAt: now() }
  const fields = { ...values, updatedAt: now() }
  const lockPolicy = (tx: Db) =>
    tx
      .update(sendingPolicies)
      .set({ version: company.policyVersion })
      .where(and(eq(sendingPolicies.tenantId, tenantId), eq(sendingPolicies.version, company.policyVersion)))
  return tx => [
    // the policy these values were judged by still holds: nobody chooses another base user in between
    ...(company.policyVersion > 0 ? [must(lockPolicy(tx).returning({ id: sendingPolicies.tenantId }))] : []),
    must(
      version === 0
        ? tx
            .insert(senders)
            .values({ cardId, tenantId, ...fields })
            .onConflictDoNothing()
            .returning({ id: senders.cardId })
        : tx
            .update(senders)
            .set({ ...fields, version: sql`${senders.version} + 1` })
            .where(and(eq(senders.cardId, cardId), eq(senders.tenantId, tenantId), eq(senders.version, version)))
            .returning({ id: senders.cardId }),
    ),
    ...(isKept ? [] : [tx.delete(credentials).where(and(eq(credentials.cardId, cardId), eq(credentials.tenantId, tenantId)))]),
    ...(credential ? [tx.insert(credentials).values(credential)] : []),
  ]
}
