import { eq } from 'drizzle-orm'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Db } from '@/db/client'
import { logins } from '@/db/schema'
import { Refusal } from '@/lib/errors'
import { networkOf } from '@/lib/network'
import { passwordMatches } from './password'
import { createSessionByPassword, findFirstCompany } from './session'

export { createSession, findSession, revokeSession } from './session'

const window = 15 * 60
const fromOneNetwork = new RateLimiterMemory({ keyPrefix: 'emailAndNetwork', points: 10, duration: window }) // for one e-mail: who guesses locks nobody else out
const perNetwork = new RateLimiterMemory({ keyPrefix: 'network', points: 100, duration: window })
const perEmail = new RateLimiterMemory({ keyPrefix: 'email', points: 100, duration: window }) // who guesses from many networks
const longestEmail = 254 // RFC 5321: no login has a longer one, and none is kept to be counted

/**
 * Signs in by e-mail and password. `peer` is the network address asking, where it is known.
 * @throws Refusal `signInRefused`, whatever was wrong; `tooManySignIns`; `noCompany` when no card of the login is active
 */
export async function signIn(db: Db, { email, password, peer }: { email: string; password: string; peer?: string | undefined }) {
  const typed = email.trim().toLowerCase()
  if (typed.length > longestEmail || typed.includes('\0')) throw new Refusal('signInRefused')
  const attempt = { email: typed, network: networkOf(peer ?? '') }
  await countAttempt(attempt)
  const [login] = await db.select().from(logins).where(eq(logins.email, typed))
  if (!(await passwordMatches(login?.passwordHash, password)) || !login) throw new Refusal('signInRefused')
  const tenantId = await findFirstCompany(db, login.id)
  if (!tenantId) throw new Refusal('noCompany')
  const sessionId = await createSessionByPassword(db, login, tenantId)
  if (sessionId === null) throw new Refusal('signInRefused')
  await forgetAttempts(attempt)
  return { sessionId, loginId: login.id }
}

type Attempt = { email: string; network: string }

/** The narrowest first: what it stops costs the others nothing. */
async function countAttempt({ email, network }: Attempt): Promise<void> {
  try {
    await fromOneNetwork.consume(`${network} ${email}`)
    if (network) await perNetwork.consume(network)
    await perEmail.consume(email)
  } catch (limit) {
    if (limit instanceof Error) throw limit
    throw new Refusal('tooManySignIns', undefined, { minutes: window / 60 })
  }
}

/** Those for this e-mail from this network, which were the person's own; of all others only the last, which was right: an office behind one address signs in as often as it likes. */
async function forgetAttempts({ email, network }: Attempt): Promise<void> {
  await fromOneNetwork.delete(`${network} ${email}`)
  await perEmail.reward(email)
  if (network) await perNetwork.reward(network)
}
