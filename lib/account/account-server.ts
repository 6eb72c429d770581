import { eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, cards, type PauseReason } from '@/db/schema'
import type { Mode } from '@/lib/egress/guard'
import { openPassword } from '@/lib/sender/open-credential'
import type { SubmissionServer } from '@/lib/transport/submission'
import { findTrustedCertificate } from './trusted-certificate'

/** What an account needs of the installation: its mode and the platform's relay. */
export type Platform = { mode: Mode; relay: SubmissionServer }

/** The server of an account with the password for just this server, or why it cannot send now. */
export async function serverOfAccount(db: Db, { mode, relay }: Platform, account: Account): Promise<SubmissionServer | { pauseReason: PauseReason }> {
  const { tenantId, kind, host, port, tls, username, credentialCardId } = account
  if (kind === 'relay') return (await isWaitingForConfirmation(db, account)) ? { pauseReason: 'incomplete' } : relay
  if (kind === 'microsoft365') return { pauseReason: 'consentNeeded' }
  if (!host || !port || !tls) return { pauseReason: 'incomplete' }
  const trusted = await findTrustedCertificate(db, tenantId, account)
  const server = { host, port, tls, trust: mode, trustedFingerprint: trusted?.fingerprint256, login: null }
  if (username === null) return server
  const password = credentialCardId ? await openPassword(db, { tenantId, cardId: credentialCardId, host, port, tls, username }) : null
  return password === null ? { pauseReason: 'passwordNeeded' } : { ...server, login: { username, password } }
}

/** Through the relay a card's e-mail is written as From only when its owner has confirmed it. */
async function isWaitingForConfirmation(db: Db, { credentialCardId }: Account): Promise<boolean> {
  if (!credentialCardId) return false
  const [card] = await db.select({ emailConfirmedAt: cards.emailConfirmedAt }).from(cards).where(eq(cards.id, credentialCardId))
  return !card?.emailConfirmedAt
}
