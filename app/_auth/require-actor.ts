import { headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'
import { cache } from 'react'
import { getDb } from '@/db/client'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { findActor } from '@/lib/actor/load-actor'
import { getLogin } from '@/lib/login/login'
import { signInPath } from './return-path'
import { findSessionId } from './session-cookie'

/** Who asks, or null; looked up once a request, in the database each time. */
export const findCurrentActor = cache(async (): Promise<Actor | null> => {
  const sessionId = await findSessionId()
  return sessionId ? findActor(getDb(), sessionId) : null
})

/** Every page, action and handler of the workspace starts here; `proxy.ts` is only a convenience. Redirects to the sign-in. */
export async function requireActor(): Promise<Actor> {
  return (await findCurrentActor()) ?? redirect(signInPath((await headers()).get('x-posthorn-path')))
}

/** A page that a plain user has no business with does not exist for them. */
export async function requireAdmin(): Promise<Actor> {
  const actor = await requireActor()
  return isAdmin(actor) ? actor : notFound()
}

/** The id of the session that asks, for actions that change the session itself. */
export async function getSessionId(): Promise<string> {
  return (await findSessionId()) ?? redirect('/login')
}

/** The language of the login that asks; null for nobody, and for a login that has not chosen one. */
export const findOwnLanguage = cache(async (): Promise<string | null> => {
  const actor = await findCurrentActor()
  return actor ? (await getLogin(getDb(), actor)).language : null
})
