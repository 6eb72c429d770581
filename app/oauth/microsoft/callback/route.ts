import { type NextRequest, NextResponse } from 'next/server'
import { findCurrentActor, getSessionId } from '@/app/_auth/require-actor'
import { getDb } from '@/db/client'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { adminConsentParameters, isAdminConsentState, noteAdminConsent } from '@/lib/microsoft365/admin-consent'
import { callbackParameters, completeAuthorization } from '@/lib/microsoft365/complete-authorization'
import { cardAddress } from '../card-address'

/** Microsoft redirects here: the person who connects a mailbox, and the administrator who consents for an organisation and may have no session. */
export async function GET(request: NextRequest) {
  const query = request.nextUrl.searchParams
  if (query.has('admin_consent') || isAdminConsentState(query.get('state') ?? '')) return afterAdminConsent(query)
  const actor = await findCurrentActor()
  if (!actor) return NextResponse.redirect(new URL('/login', env.appUrl), 303)
  const parameters = callbackParameters.safeParse(Object.fromEntries(query))
  if (!parameters.success) return NextResponse.redirect(cardAddress(actor, null, { microsoft365: 'unknown' }), 303)
  try {
    const { outcome, code, cause } = await completeAuthorization(getDb(), actor, { sessionId: await getSessionId(), parameters: parameters.data })
    return NextResponse.redirect(cardAddress(actor, code, { microsoft365: outcome, cause }), 303)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return NextResponse.redirect(cardAddress(actor, null, { microsoft365: error.code }), 303)
  }
}

async function afterAdminConsent(query: URLSearchParams) {
  const answer = adminConsentParameters.safeParse(Object.fromEntries(query))
  const isNoted = answer.success && (await noteAdminConsent(getDb(), answer.data))
  return NextResponse.redirect(new URL(`/help/microsoft-365?consent=${isNoted ? 'given' : 'notGiven'}`, env.appUrl), 303)
}
