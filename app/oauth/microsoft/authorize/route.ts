import { type NextRequest, NextResponse } from 'next/server'
import { findCurrentActor, getSessionId } from '@/app/_auth/require-actor'
import { getDb } from '@/db/client'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { beginAuthorization } from '@/lib/microsoft365/begin-authorization'
import { cardAddress } from '../card-address'

/** Sends the browser to Microsoft. Only a page of ours leads here: another's link begins nothing. */
export async function GET(request: NextRequest) {
  const actor = await findCurrentActor()
  if (!actor) return NextResponse.redirect(new URL('/login', env.appUrl), 303)
  const code = (request.nextUrl.searchParams.get('card') ?? actor.code).slice(0, 20)
  const purpose = request.nextUrl.searchParams.get('purpose') === 'graph' ? 'graph' : 'connect'
  if (!isOurs(request)) return NextResponse.redirect(cardAddress(actor, null), 303)
  try {
    return NextResponse.redirect(await beginAuthorization(getDb(), actor, { code, sessionId: await getSessionId(), purpose }), 303)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return NextResponse.redirect(
      cardAddress(actor, error.code === 'notAdmin' || error.code === 'cardNotFound' ? null : code, { microsoft365: error.code }),
      303,
    )
  }
}

function isOurs({ headers }: NextRequest): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const referer = headers.get('referer') ?? '' // an open connection to another name than localhost has no sec-fetch-site
  return URL.canParse(referer) && new URL(referer).origin === new URL(env.appUrl).origin
}
