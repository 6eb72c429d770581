import { eq } from 'drizzle-orm'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Db } from '@/db/client'
import { logins } from '@/db/schema'
import { Refusal } from '@/lib/errors'
import { passwordMatches } from './password'
import { createSession, findFirstCompany } from './session'

export { createSession, findSession, revokeAllSessions, revokeSession } from './session'

const window = 15 * 60
const perEmail = new RateLimiterMemory({ points: 10, duration: window })
const perPeer = new RateLimiterMemory({ points: 100, duration: window })

/**
 * Signs in by e-mail and password. `peer` is the network address asking, where it is known.
 * @throws Refusal `signInRefused`, whatever was wrong; `tooManySignIns`; `noCompany` when no card of the login is active
 */
export async function signIn(db: Db, { email, password, peer }: { email: string; password: string; peer?: string | undefined }) {
  const typed = email.trim().toLowerCase()
  await takeAttempt(typed, peer)
  const [login] = await db.select().from(logins).where(eq(logins.email, typed))
  if (!(await passwordMatches(login?.passwordHash, password)) || !login) throw new Refusal('signInRefused')
  const tenantId = await findFirstCompany(db, login.id)
  if (!tenantId) throw new Refusal('noCompany')
  await perEmail.delete(typed)
  return { sessionId: await createSession(db, login.id, tenantId), loginId: login.id }
}

async function takeAttempt(email: string, peer: string | undefined): Promise<void> {
  try {
    await perEmail.consume(email)
    if (peer) await perPeer.consume(peer)
  } catch (limit) {
    if (limit instanceof Error) throw limit
    throw new Refusal('tooManySignIns', undefined, { minutes: window / 60 })
  }
}
