import type { NextRequest } from 'next/server'
import { env } from '@/lib/env'
import { readyTexts } from '../ready-texts'

/** `/help/ip-whitelist?format=json|text`: a page cannot answer so, and `proxy.ts` leads here. */
export function GET(request: NextRequest) {
  const headers = { 'Cache-Control': 'public, max-age=3600' }
  const { addresses, cidrs } = readyTexts
  switch (request.nextUrl.searchParams.get('format')) {
    case 'json':
      return Response.json({ platform: env.platform.name, relay: env.platform.relay, addresses, cidrs }, { headers })
    case 'text':
      return new Response(`${addresses.join('\n')}\n`, { headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' } })
    default:
      return new Response('format is json or text\n', { status: 400, headers: { 'Content-Type': 'text/plain; charset=utf-8' } })
  }
}
