import { and, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { credentials, type Tls } from '@/db/schema'
import { open, type Place } from '@/lib/secret/seal'

/** The server and user name a password is shown to, and the card it is kept on. */
export type CredentialUse = { tenantId: string; cardId: string; host: string; port: number; tls: Tls; username: string }

/** The password kept for just this server and user name; null when none is, or it was typed for another. */
export async function openPassword(db: Db, use: CredentialUse): Promise<string | null> {
  const bound = and(eq(credentials.host, use.host), eq(credentials.port, use.port), eq(credentials.tls, use.tls), eq(credentials.username, use.username))
  const [kept] = await db
    .select({ passwordSealed: credentials.passwordSealed })
    .from(credentials)
    .where(and(eq(credentials.tenantId, use.tenantId), eq(credentials.cardId, use.cardId), bound))
  return kept ? open(kept.passwordSealed, credentialPlace(use)) : null
}

/** The four values stand in the seal too: a row edited by hand opens nowhere. */
export const credentialPlace = ({ tenantId, cardId, host, port, tls, username }: CredentialUse): Place => ({
  table: 'credential',
  column: 'password_sealed',
  tenantId,
  rowId: cardId,
  boundTo: [host, port, tls, username],
})
