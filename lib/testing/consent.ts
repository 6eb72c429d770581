import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
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
