import { randomBytes } from 'node:crypto'
import { type NextRequest, NextResponse } from 'next/server'
import { signInPath } from '@/app/_auth/return-path'
import { env } from '@/lib/env'

const isSecure = env.appUrl.startsWith('https:')
const sessionCookie = `${isSecure ? '__Secure-' : ''}next-auth.session-token`
const openPaths = /^\/(login|setup|help|docs|healthz|readyz|oauth|api\/auth)(\/|$)/

/**
 * Before every page: refuses foreign POSTs, gives each answer its headers and its nonce, and sends people without a
 * session cookie to the sign-in. The last is a convenience: every page, action and handler asks for its actor itself.
 * Actions pressed in a page with JavaScript go on: a redirect would take the form away, and what was typed with it.
 */
export function proxy(request: NextRequest) {
  if (isForeign(request)) return new NextResponse('Foreign origin\n', { status: 403, headers: { 'Content-Type': 'text/plain; charset=utf-8' } })
  const { pathname, searchParams } = request.nextUrl
  if (!openPaths.test(pathname) && !request.cookies.has(sessionCookie) && !isActionByScript(request))
    return answer(NextResponse.redirect(new URL(signInPath(request.method === 'GET' ? pathname + request.nextUrl.search : null), request.url), 303))
  if (pathname === '/help/ip-whitelist' && searchParams.has('format'))
    return answer(NextResponse.rewrite(new URL(`/help/ip-whitelist/export${request.nextUrl.search}`, request.url)))

  const nonce = randomBytes(16).toString('base64')
  const policy = contentPolicy(nonce)
  const headers = new Headers(request.headers)
  headers.set('x-posthorn-path', pathname + request.nextUrl.search) // where the sign-in leads back to
  headers.set('Content-Security-Policy', policy) // Next reads the nonce for its own scripts from here
  return answer(NextResponse.next({ request: { headers } }), policy)
}

const isActionByScript = (request: NextRequest) => request.method === 'POST' && request.headers.has('next-action')

/** A browser names the page that a POST came from. A sandboxed frame or a stripped referrer says `null`: refused too. */
function isForeign(request: NextRequest): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false
  const origin = request.headers.get('origin')
  if (origin === null) return (request.headers.get('sec-fetch-site') ?? 'same-origin') !== 'same-origin'
  const own = [env.appUrl, `http://${request.headers.get('host')}`, `https://${request.headers.get('host')}`]
  return !own.some(url => URL.canParse(url) && new URL(url).origin === origin)
}

function contentPolicy(nonce: string): string {
  return [
    `default-src 'self'`,
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${env.isProduction ? '' : ` 'unsafe-eval'`}`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'${env.isProduction ? '' : ' ws:'}`,
    `frame-src 'self'`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}

function answer(response: NextResponse, policy = contentPolicy('')): NextResponse {
  const headers: Record<string, string> = {
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'same-origin', // no-referrer would make browsers send `Origin: null` with our own forms
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  }
  if (isSecure) headers['Strict-Transport-Security'] = 'max-age=63072000; includeSubDomains'
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}

export const config = { matcher: ['/((?!_next/static|_next/image|fonts/|icon\\.svg|favicon\\.ico).*)'] }
