import { cookies } from 'next/headers'
import { decode, encode } from 'next-auth/jwt'
import { derivedKey } from '@/lib/secret/keys'
import { env } from '@/lib/env'

/**
 * next-auth's own session cookie, written and read with its own `encode` and `decode`. It carries the id of a row
 * of our session table and nothing else, so revoking that row signs the browser out at its next request.
 */
const isSecure = env.appUrl.startsWith('https:')
export const sessionCookie = `${isSecure ? '__Secure-' : ''}next-auth.session-token`
export const sessionDays = 30

const maxAge = sessionDays * 24 * 60 * 60
const secret = () => derivedKey('session').toString('hex')

export async function findSessionId(): Promise<string | null> {
  const token = (await cookies()).get(sessionCookie)?.value
  if (!token) return null
  const claims = await decode({ token, secret: secret() }).catch(() => null) // forged, or sealed with a key that is gone
  return typeof claims?.sessionId === 'string' ? claims.sessionId : null
}

export async function writeSessionCookie(sessionId: string): Promise<void> {
  const value = await encode({ token: { sessionId }, secret: secret(), maxAge })
  ;(await cookies()).set(sessionCookie, value, { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/', maxAge })
}

export async function deleteSessionCookie(): Promise<void> {
  ;(await cookies()).set(sessionCookie, '', { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/', maxAge: 0 })
}
