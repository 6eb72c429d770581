import { eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, cards, type PauseReason } from '@/db/schema'
import { after, minutes, now } from '@/lib/clock'
import { env } from '@/lib/env'
import type { Mode } from '@/lib/installation/mode'
import { log } from '@/lib/log'
import type { WaitingFor } from '@/lib/message/message-state'
import { type CardKey, findConnection } from '@/lib/microsoft365/access-token'
import { noteAdminConsentNeeded } from '@/lib/microsoft365/admin-consent'
import { findApplication } from '@/lib/microsoft365/application'
import { explainOAuthError } from '@/lib/microsoft365/explain-oauth-error'
import { microsoftLogin } from '@/lib/microsoft365/microsoft-login'
import { NoKey } from '@/lib/secret/seal'
import { type CredentialUse, openPassword } from '@/lib/sender/open-credential'
import type { AccountIdentity } from '@/lib/sender/route'
import { graphServer } from '@/lib/sender/route-facts'
import type { SubmissionServer } from '@/lib/transport/submission'
import { findTrustedCertificate } from './trusted-certificate'

const againMs = minutes(1)

/** What an account needs of the installation: its mode and the platform's relay. */
export type Platform = { mode: Mode; relay: SubmissionServer }

/** Somebody has to mend the account (`text`: the cause in another's words), or it is nobody's fault and passes: `waitingFor`, tried again then. */
export type CannotSend = { pauseReason: PauseReason; text?: string } | { waitingFor: WaitingFor; notBefore: Date }

/** An account's server with the password for just this server, or why it cannot send now. */
export async function serverOfAccount(db: Db, platform: Platform, account: Account): Promise<SubmissionServer | CannotSend> {
  try {
    return await serverFor(db, platform, { account, findPassword: use => openPassword(db, use) })
  } catch (error) {
    if (!(error instanceof NoKey)) throw error
    log.error({ event: 'keyMissing', accountId: account.id, err: error }, 'this process has not the key of a password; see posthorn doctor')
    return { waitingFor: 'keyMissing', notBefore: after(now(), againMs) }
  }
}

/** `account`: as it is kept, or as a test would use it. `findPassword`: null when there is none for just this server and user name. */
type Wanted = { account: Pick<Account, 'tenantId'> & AccountIdentity; findPassword: (use: CredentialUse) => Promise<string | null> }

/** What is connected to, what is trusted there and how one signs in: the same for mail and for a test of what is only typed. */
export async function serverFor(db: Db, { mode, relay }: Platform, { account, findPassword }: Wanted): Promise<SubmissionServer | CannotSend> {
  const { tenantId, kind, host, port, tls, username, credentialCardId } = account
  if (kind === 'relay') return (await isWaitingForConfirmation(db, account)) ? { pauseReason: 'emailNotConfirmed' } : relay
  if (kind === 'microsoft365')
    return username && credentialCardId ? microsoftServer(db, { tenantId, cardId: credentialCardId }, username) : { pauseReason: 'incomplete' }
  if (!host || !port || !tls) return { pauseReason: 'incomplete' }
  const trusted = await findTrustedCertificate(db, tenantId, account)
  const server = { host, port, tls, trust: mode, trustedFingerprint: trusted?.fingerprint256, login: null }
  if (username === null) return server
  const password = credentialCardId ? await findPassword({ tenantId, cardId: credentialCardId, host, port, tls, username }) : null
  return password === null ? { pauseReason: 'passwordNeeded' } : { ...server, login: { username, password } }
}

/** The password a server is signed in to with; null where it takes none, or a token. */
export const passwordOf = (server: SubmissionServer | CannotSend): string | null =>
  'login' in server && server.login && 'password' in server.login ? server.login.password : null

/** Microsoft's server with a token for this mailbox: of SMTP, or of Graph where the mailbox was switched to it. That Microsoft cannot be asked, or refuses the operator, is never the user's fault. */
export async function microsoftServer(db: Db, card: CardKey, username: string): Promise<SubmissionServer | CannotSend> {
  const login = await microsoftLogin(db, card, username)
  if ('trouble' in login) {
    if (login.trouble === 'reconnectNeeded') {
      if (explainOAuthError({ description: login.text }).cause === 'adminConsentRequired') await noteAdminIsNeeded(db, card)
      return { pauseReason: 'consentNeeded', text: login.text || undefined }
    }
    return { waitingFor: login.trouble === 'misconfigured' ? 'microsoftMisconfigured' : 'microsoftUnavailable', notBefore: after(now(), againMs) }
  }
  const application = await findApplication(db)
  const connection = await findConnection(db, card)
  if (application && connection?.via === 'graph') return { ...graphServer(application.graphUrl), trust: 'platform', graphUrl: application.graphUrl, login }
  const { host, port } = application?.smtp ?? env.platform.microsoft365
  return { host, port, tls: 'starttls', trust: 'platform', login }
}

/** For the way that the mailbox's mail takes. What Microsoft said before the administrator agreed asks for nothing new. */
async function noteAdminIsNeeded(db: Db, card: CardKey): Promise<void> {
  const connection = await findConnection(db, card)
  if (connection?.brokenAt) await noteAdminConsentNeeded(db, card, connection.via === 'graph' ? 'graph' : 'connect', connection.brokenAt)
}

/** Through the relay a card's e-mail is written as From only when its owner has confirmed it. */
async function isWaitingForConfirmation(db: Db, { credentialCardId }: AccountIdentity): Promise<boolean> {
  if (!credentialCardId) return false
  const [card] = await db.select({ emailConfirmedAt: cards.emailConfirmedAt }).from(cards).where(eq(cards.id, credentialCardId))
  return !card?.emailConfirmedAt
}
