import { and, asc, eq, gt } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { accounts, cards, type TrustedCertificate, trustedCertificates } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { after, days, now } from '@/lib/clock'
import { cutText } from '@/lib/cut-text'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { accountOf } from '@/lib/message/prepare-message'
import { isAtMicrosoft } from '@/lib/sender/is-at-microsoft'
import { getRoute, previewRoute } from '@/lib/sender/resolve-route'
import type { SenderInput } from '@/lib/sender/sender.form'
import { isGmailHost } from '@/lib/sender/server-field'
import type { Certificate } from '@/lib/transport/conversation'
import { resumeAccount } from './resume-accounts'

const trustDays = [30, 90, 365] as const

/** Servers of providers that never show a certificate of their own making: whoever shows one there is somebody else. */
export const mayTrustCertificateOf = (host: string): boolean =>
  !isAtMicrosoft(host) &&
  !isGmailHost(host) &&
  !/(^|\.)(office365\.(com|us)|office\.com|outlook\.(com|cn)|microsoft\.com|live\.com|hotmail\.com|google\.com|gmail\.com|googlemail\.com)\.?$/i.test(host)

/** The certificate trusted for an account today; null: none but those that an authority vouches for. */
export async function findTrustedCertificate(db: Db, tenantId: string, { identity }: { identity: string }): Promise<TrustedCertificate | null> {
  const [found] = await db
    .select()
    .from(trustedCertificates)
    .where(and(eq(trustedCertificates.tenantId, tenantId), eq(trustedCertificates.accountIdentity, identity), gt(trustedCertificates.expiresAt, now())))
  return found && mayTrustCertificateOf(found.host) ? found : null
}

type Trust = { code: string; certificate: Pick<Certificate, 'fingerprint256' | 'subject' | 'issuer'>; forDays: number; values?: SenderInput | undefined } // values: on screen, not saved

/**
 * Trusts exactly this certificate for the account that a card sends through, until a day, and lets its waiting mail try again.
 * The admin has seen the certificate; what the server shows later is compared with this one and no other.
 * @throws Refusal `notAdmin`, `cardNotFound`, `certificateNotNeeded` where nothing is encrypted, `certificateOfProvider`, `certificateInvalid`
 */
export async function trustCertificate(db: Db, actor: Actor, { code, certificate, forDays, values }: Trust): Promise<{ expiresAt: Date }> {
  assertAdmin(actor)
  const route = values ? await previewRoute(db, actor, { code, ...values }) : await getRoute(db, actor, { code })
  const server = route.server?.value
  const account = accountOf(route)
  if (account.kind !== 'smtp' || !server || server.tls === 'none') throw new Refusal('certificateNotNeeded')
  if (!mayTrustCertificateOf(server.host)) throw new Refusal('certificateOfProvider', undefined, { host: server.host })
  if (!/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(certificate.fingerprint256) || !trustDays.some(most => most === forDays)) throw new Refusal('certificateInvalid')
  const expiresAt = after(now(), days(forDays))
  const { identity: accountIdentity } = account
  await atomically(db, tx => [
    tx.delete(trustedCertificates).where(and(eq(trustedCertificates.tenantId, actor.tenantId), eq(trustedCertificates.accountIdentity, accountIdentity))),
    tx.insert(trustedCertificates).values({
      id: newId(),
      tenantId: actor.tenantId,
      accountIdentity,
      host: server.host,
      port: server.port,
      fingerprint256: certificate.fingerprint256,
      subject: cutText(certificate.subject, 300),
      issuer: cutText(certificate.issuer, 300),
      trustedByCardId: actor.cardId,
      trustedAt: now(),
      expiresAt,
    }),
  ])
  await resumeAccount(db, { tenantId: actor.tenantId, identity: accountIdentity })
  return { expiresAt }
}

export type TrustView = Pick<TrustedCertificate, 'id' | 'host' | 'port' | 'fingerprint256' | 'subject' | 'issuer' | 'trustedAt' | 'expiresAt'> & {
  trustedBy: string | null // code of the admin's card; null: it is gone
  username: string | null // who signs in there; null: nobody, or it was never tried since
}

/** The certificates trusted today, of the whole company or for the account that one card sends through. Admins only. @throws Refusal `notAdmin`, `cardNotFound` */
export async function listTrustedCertificates(db: Db, actor: Actor, { code }: { code?: string } = {}): Promise<TrustView[]> {
  assertAdmin(actor)
  const identity = code === undefined ? null : accountOf(await getRoute(db, actor, { code })).identity
  const { id, host, port, fingerprint256, subject, issuer, trustedAt, expiresAt, tenantId, accountIdentity } = trustedCertificates
  const found = await db
    .select({ id, host, port, fingerprint256, subject, issuer, trustedAt, expiresAt, trustedBy: cards.code, username: accounts.username })
    .from(trustedCertificates)
    .leftJoin(cards, and(eq(cards.id, trustedCertificates.trustedByCardId), eq(cards.tenantId, tenantId)))
    .leftJoin(accounts, and(eq(accounts.tenantId, tenantId), eq(accounts.identity, accountIdentity)))
    .where(and(eq(tenantId, actor.tenantId), gt(expiresAt, now()), identity === null ? undefined : eq(accountIdentity, identity)))
    .orderBy(asc(host), asc(port), asc(id))
  return found.filter(({ host }) => mayTrustCertificateOf(host))
}

/** Takes the trust back: from the next connection on, the server's certificate has to be vouched for again. @throws Refusal `notAdmin`, `trustNotFound` */
export async function distrustCertificate(db: Db, actor: Actor, { id }: { id: string }): Promise<void> {
  assertAdmin(actor)
  const [taken] = await db
    .delete(trustedCertificates)
    .where(and(eq(trustedCertificates.id, id), eq(trustedCertificates.tenantId, actor.tenantId)))
    .returning({ id: trustedCertificates.id })
  if (!taken) throw new Refusal('trustNotFound')
}
