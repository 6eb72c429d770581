import type { NextAuthOptions } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { getDb } from '@/db/client'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { revokeSession, signIn } from '@/lib/login/sign-in'
import { findPeer } from './peer'
import { isSecure, sessionCookie, sessionMaxAge, sessionSecret } from './session-cookie'

// next-auth 4 reads its own address from this name and from nowhere else; ours is APP_URL.
process.env.NEXTAUTH_URL = env.appUrl

/** next-auth with one provider. `/login` signs in by a server action, so that it works without JavaScript; both write the same cookie. */
export const authOptions: NextAuthOptions = {
  secret: sessionSecret(),
  session: { strategy: 'jwt', maxAge: sessionMaxAge },
  useSecureCookies: isSecure,
  cookies: { sessionToken: { name: sessionCookie, options: { httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure } } },
  pages: { signIn: '/login', signOut: '/login', error: '/login' },
  providers: [Credentials({ credentials: { email: { type: 'email' }, password: { type: 'password' } }, authorize: credentials => authorize(credentials) })],
  callbacks: {
    jwt: ({ token, user }) => (user ? { sessionId: user.id } : token),
    session: ({ session }) => ({ expires: session.expires }), // the session id never reaches a script
  },
  events: {
    signOut: async ({ token }) => {
      if (typeof token?.sessionId === 'string') await revokeSession(getDb(), token.sessionId)
    },
  },
}

async function authorize(credentials: Record<'email' | 'password', string> | undefined): Promise<{ id: string } | null> {
  try {
    const { sessionId } = await signIn(getDb(), { email: credentials?.email ?? '', password: credentials?.password ?? '', peer: await findPeer() })
    return { id: sessionId }
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
