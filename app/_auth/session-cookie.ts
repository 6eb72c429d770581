import { cookies } from 'next/headers'
import { decode, encode } from 'next-auth/jwt'
import { env } from '@/lib/env'
import { sessionLastsMs } from '@/lib/login/session'
import { derivedKey } from '@/lib/secret/keys'

/**
 * next-auth's own session cookie, written and read with its own `encode` and `decode`. It carries the id of a row
 * of our session table and nothing else, so revoking that row signs the browser out at its next request.
 */
export const isSecure = env.appUrl.startsWith('https:')
export const sessionCookie = `${isSecure ? '__Secure-' : ''}next-auth.session-token`
export const sessionMaxAge = sessionLastsMs / 1000 // seconds; the row ends first if it is revoked

/** Follows from the sealing keys; hexadecimal. */
export const sessionSecret = () => derivedKey('session').toString('hex')

const attributes = { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/' } as const

/** What the cookie names; its row may have ended. Null: there is no cookie, or none that we sealed. */
export async function findSessionId(): Promise<string | null> {
  const token = (await cookies()).get(sessionCookie)?.value
  if (!token) return null
  const claims = await decode({ token, secret: sessionSecret() }).catch(() => null) // forged, or sealed with a key that is gone
  return typeof claims?.sessionId === 'string' ? claims.sessionId : null
}

export async function writeSessionCookie(sessionId: string): Promise<void> {
  const value = await encode({ token: { sessionId }, secret: sessionSecret(), maxAge: sessionMaxAge })
  const jar = await cookies()
  jar.set(sessionCookie, value, { ...attributes, maxAge: sessionMaxAge })
}

export async function deleteSessionCookie(): Promise<void> {
  const jar = await cookies()
  jar.set(sessionCookie, '', { ...attributes, maxAge: 0 })
}
