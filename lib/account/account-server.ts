import { eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, cards, type PauseReason } from '@/db/schema'
import { after, minutes, now } from '@/lib/clock'
import type { Mode } from '@/lib/egress/guard'
import { env } from '@/lib/env'
import type { WaitingFor } from '@/lib/message/message-state'
import { type CardKey, findConnection } from '@/lib/microsoft365/access-token'
import { noteAdminConsentNeeded } from '@/lib/microsoft365/admin-consent'
import { findApplication } from '@/lib/microsoft365/application'
import { explainOAuthError } from '@/lib/microsoft365/explain-oauth-error'
import { microsoftLogin } from '@/lib/microsoft365/microsoft-login'
import { openPassword } from '@/lib/sender/open-credential'
import type { SubmissionServer, TokenLogin } from '@/lib/transport/submission'
import { findTrustedCertificate } from './trusted-certificate'

/** What an account needs of the installation: its mode and the platform's relay. */
export type Platform = { mode: Mode; relay: SubmissionServer }

/** Somebody has to mend the account (`text`: the cause in another's words), or it is nobody's fault and passes: `waitingFor`, tried again then. */
export type CannotSend = { pauseReason: PauseReason; text?: string } | { waitingFor: WaitingFor; notBefore: Date }

/** The server of an account with the password for just this server, or why it cannot send now. */
export async function serverOfAccount(db: Db, { mode, relay }: Platform, account: Account): Promise<SubmissionServer | CannotSend> {
  const { tenantId, kind, host, port, tls, username, credentialCardId } = account
  if (kind === 'relay') return (await isWaitingForConfirmation(db, account)) ? { pauseReason: 'incomplete' } : relay
  if (kind === 'microsoft365')
    return username && credentialCardId ? microsoftServer(db, { tenantId, cardId: credentialCardId }, username) : { pauseReason: 'incomplete' }
  if (!host || !port || !tls) return { pauseReason: 'incomplete' }
  const trusted = await findTrustedCertificate(db, tenantId, account)
  const server = { host, port, tls, trust: mode, trustedFingerprint: trusted?.fingerprint256, login: null }
  if (username === null) return server
  const password = credentialCardId ? await openPassword(db, { tenantId, cardId: credentialCardId, host, port, tls, username }) : null
  return password === null ? { pauseReason: 'passwordNeeded' } : { ...server, login: { username, password } }
}

/** The password a server is signed in to with; null where it takes none, or a token. */
export const passwordOf = (server: SubmissionServer | CannotSend): string | null =>
  'login' in server && server.login && 'password' in server.login ? server.login.password : null

const microsoftAgainMs = minutes(1)

/** Microsoft's server with a token for this mailbox: of SMTP, or of Graph where the mailbox was switched to it. That Microsoft cannot be asked, or refuses the operator, is never the user's fault. */
export async function microsoftServer(db: Db, card: CardKey, username: string): Promise<SubmissionServer | CannotSend> {
  const login = await microsoftLogin(db, card, username)
  if ('trouble' in login) {
    if (login.trouble === 'reconnectNeeded') {
      if (explainOAuthError({ description: login.text }).cause === 'adminConsentRequired') await noteAdminIsNeeded(db, card)
      return { pauseReason: 'consentNeeded', text: login.text || undefined }
    }
    return { waitingFor: login.trouble === 'misconfigured' ? 'microsoftMisconfigured' : 'microsoftUnavailable', notBefore: after(now(), microsoftAgainMs) }
  }
  const application = await findApplication(db)
  const connection = await findConnection(db, card)
  if (application && connection?.via === 'graph') return graphServer(application.graphUrl, login)
  const { host, port } = application?.smtp ?? env.platform.microsoft365
  return { host, port, tls: 'starttls', trust: 'platform', login }
}

/** For the way that the mailbox's mail takes. What Microsoft said before the administrator agreed asks for nothing new. */
async function noteAdminIsNeeded(db: Db, card: CardKey): Promise<void> {
  const connection = await findConnection(db, card)
  if (connection?.brokenAt) await noteAdminConsentNeeded(db, card, connection.via === 'graph' ? 'graph' : 'connect', connection.brokenAt)
}

function graphServer(graphUrl: string, login: TokenLogin): SubmissionServer {
  const { hostname, port } = new URL(graphUrl)
  return { host: hostname, port: Number(port) || 443, tls: 'implicit', trust: 'platform', graphUrl, login }
}

/** Through the relay a card's e-mail is written as From only when its owner has confirmed it. */
async function isWaitingForConfirmation(db: Db, { credentialCardId }: Account): Promise<boolean> {
  if (!credentialCardId) return false
  const [card] = await db.select({ emailConfirmedAt: cards.emailConfirmedAt }).from(cards).where(eq(cards.id, credentialCardId))
  return !card?.emailConfirmedAt
}
