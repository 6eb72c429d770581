'use server'

import { revalidatePath } from 'next/cache'
import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { languageCookie } from '@/app/_i18n/language'
import { getDb } from '@/db/client'
import { Refusal } from '@/lib/errors'
import { isLanguage } from '@/lib/language'
import { saveLanguage, switchCompany } from '@/lib/login/login'
import { revokeSession } from '@/lib/login/sign-in'
import { findCurrentActor, getSessionId, requireActor } from './require-actor'
import { deleteSessionCookie, findSessionId, isSecure } from './session-cookie'

/** For this browser, and for the login when somebody is signed in. */
export async function chooseLanguage(form: FormData): Promise<void> {
  const language = String(form.get('language'))
  if (!isLanguage(language)) return
  const actor = await findCurrentActor()
  if (actor) await saveLanguage(getDb(), actor, { language })
  const jar = await cookies()
  jar.set(languageCookie, language, { sameSite: 'lax', secure: isSecure, path: '/', maxAge: 365 * 24 * 60 * 60 })
  revalidatePath('/', 'layout')
}

/** The menu's choice of a company, by its slug; leads to the own card there. One in which the person has no active card is not entered. */
export async function chooseCompany(form: FormData): Promise<void> {
  const actor = await requireActor()
  try {
    await switchCompany(getDb(), actor, await getSessionId(), { slug: String(form.get('slug')) })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error // the card there is no longer active: the menu, made anew, does not offer it
  }
  revalidatePath('/', 'layout') // the menu around the page is another company's now
  redirect('/settings/user')
}

/** Ends this session, and leads to the sign-in. */
export async function signOut(): Promise<void> {
  const sessionId = await findSessionId()
  if (sessionId) await revokeSession(getDb(), sessionId)
  await deleteSessionCookie()
  redirect('/login')
}
