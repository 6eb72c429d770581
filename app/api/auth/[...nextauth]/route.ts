import type { NextRequest } from 'next/server'
import NextAuth from 'next-auth'

type Context = { params: Promise<{ nextauth: string[] }> }

/** next-auth's own paths. Its options hold a derived key, so they are read at the first request and not while building. */
async function handle(request: NextRequest, context: Context) {
  const { authOptions } = await import('@/app/_auth/auth-options')
  return NextAuth(authOptions)(request, context)
}

export { handle as GET, handle as POST }
