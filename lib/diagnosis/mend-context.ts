import type { Db } from '@/db/client'
import type { SenderChoice, Tls } from '@/db/schema'
import { mayTrustCertificateOf } from '@/lib/account/trusted-certificate'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { env } from '@/lib/env'
import { findConnection } from '@/lib/microsoft365/access-token'
import { listAdminConsents } from '@/lib/microsoft365/admin-consent'
import { connectPath } from '@/lib/microsoft365/connect-path'
import { isAddress } from '@/lib/sender/address'
import { mayChange } from '@/lib/sender/assert-sender'
import { isAtMicrosoft } from '@/lib/sender/is-at-microsoft'
import { hasAppPasswordBlanks } from '@/lib/sender/password-blanks'
import { getRoute } from '@/lib/sender/resolve-route'
import { loadCompanyFacts } from '@/lib/sender/route-facts'

/** Whose settings stand behind a failure, and what this reader may do about them. Holds no secret. */
export type MendContext = {
  code: string // the card that sends
  ownerCode: string // the card whose login and server are used
  isOwner: boolean
  isAdmin: boolean
  mayMendSending: boolean
  mayMendOwner: boolean
  mayTypePassword: boolean
  choice: SenderChoice // in effect
  host: string | null
  port: number | null
  tls: Tls | null
  username: string | null
  mailbox: string | null // could stand in From instead of the card's e-mail; null: it does, or is no address
  email: string | null
  isMicrosoft: boolean
  hasBlanks: boolean // the stored password looks like a pasted app password
  mayTrustHost: boolean
  connectPath: string // where the mailbox is consented to again, by the way that its mail takes
  adminConsentLink: string | null // for the administrator of Microsoft 365; null: none is waited for
  replyToName: string
}

/** @throws Refusal `notAdmin` for another's card, `cardNotFound` */
export async function getMendContext(db: Db, actor: Actor, { code }: { code: string }): Promise<MendContext> {
  const route = await getRoute(db, actor, { code })
  const company = await loadCompanyFacts(db, actor.tenantId)
  const sending = company.cards.find(card => card.cardId === route.cardId)
  const login = route.login?.value ?? null
  const ownerCode = route.followsBase ?? company.cards.find(card => card.cardId === login?.credentialCardId)?.code ?? code
  const owner = company.cards.find(card => card.code === ownerCode)
  const server = route.server?.value ?? null
  const isMailbox = route.sender.value === 'microsoft365' && owner !== undefined
  const [consents, connection] = isMailbox
    ? await Promise.all([listAdminConsents(db, actor), findConnection(db, { tenantId: actor.tenantId, cardId: owner.cardId })])
    : [[], null]
  const may = (cardId: string | undefined) => (cardId && (isAdmin(actor) || cardId === actor.cardId) ? mayChange(actor, company, cardId) : 'nothing')
  const isRelay = route.sender.value === 'platform' || route.sender.value === 'replyTo'
  const from = route.from?.value.address ?? null
  return {
    code,
    ownerCode,
    isOwner: ownerCode === actor.code,
    isAdmin: isAdmin(actor),
    mayMendSending: may(route.cardId) === 'everything' || may(route.cardId) === 'login',
    mayMendOwner: may(owner?.cardId) === 'everything',
    mayTypePassword: may(owner?.cardId) !== 'nothing',
    choice: route.sender.value,
    host: isRelay ? null : (server?.host ?? null),
    port: isRelay ? null : (server?.port ?? null),
    tls: isRelay ? null : (server?.tls ?? null),
    username: login?.username ?? null,
    mailbox: login && isAddress(login.username) && from !== null && login.username.toLowerCase() !== from.toLowerCase() ? login.username : null,
    email: sending?.email ?? null,
    isMicrosoft: isAtMicrosoft(server?.host ?? ''),
    hasBlanks: owner && server && login ? await hasAppPasswordBlanks(db, actor, { cardId: owner.cardId, ...server, username: login.username }) : false,
    mayTrustHost: server !== null && mayTrustCertificateOf(server.host),
    connectPath: connectPath(ownerCode, connection?.via ?? 'smtp'),
    adminConsentLink: consents.find(({ link }) => link !== null)?.link ?? null,
    replyToName: `${env.platform.name}-Reply-to`,
  }
}

/** The same for the accounts of a list, as far as this reader may mend them; by the code of the card. */
export async function mendContexts(db: Db, actor: Actor, accounts: { cardCode: string | null; mayMend: boolean }[]): Promise<Map<string, MendContext>> {
  const codes = [...new Set(accounts.flatMap(({ cardCode, mayMend }) => (cardCode && mayMend ? [cardCode] : [])))].slice(0, 50)
  return new Map(await Promise.all(codes.map(async code => [code, await getMendContext(db, actor, { code })] as const)))
}
