import type { Db } from '@/db/client'
import { credentials, senders } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { beginAuthorization } from '@/lib/microsoft365/begin-authorization'
import { callbackParameters, completeAuthorization } from '@/lib/microsoft365/complete-authorization'
import type { Microsoft } from './microsoft'

type Consent = { address?: string; code?: string; purpose?: 'connect' | 'graph'; answer?: 'accept' | 'cancel' | 'admin' }

/** Somebody goes the way from the card to Microsoft and back, signing in as `address`. Gives the link they followed, and what came of it. */
export async function consent(db: Db, microsoft: Microsoft, actor: Actor, { address = 'anna@acme.test', code = actor.code, purpose, answer }: Consent = {}) {
  const sessionId = 'session of this browser'
  const url = await beginAuthorization(db, actor, { code, sessionId, purpose })
  const parameters = callbackParameters.parse(await microsoft.signIn(url, { address, answer }))
  return { url: new URL(url), ...(await completeAuthorization(db, actor, { sessionId, parameters })) }
}

/** The card signs in at Microsoft's server by password, as before consent was wanted. */
export async function keepPasswordAtMicrosoft(db: Db, { cardId, tenantId }: Actor, username = 'Anna@acme.test'): Promise<void> {
  const server = { host: 'smtp.office365.com', port: 587, tls: 'starttls', username } as const
  await db.insert(senders).values({ cardId, tenantId, choice: 'smtp', ...server, authorIsLogin: true, updatedAt: now() })
  await db.insert(credentials).values({ cardId, tenantId, ...server, passwordSealed: 'sealed', savedAt: now() })
}
