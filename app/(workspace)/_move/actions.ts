'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import { formAction, saved } from '@/app/_forms/form-action'
import { getLanguage } from '@/app/_i18n/get-language'
import { getDb } from '@/db/client'
import { agreeToMailbox, disconnectMailbox } from '@/lib/microsoft365/connection'
import { startMove } from '@/lib/microsoft365/move-off-password'
import { versionField } from '@/lib/version-field'

const ofCard = z.object({ code: z.string().max(20) })

/** Sends the test that switches the card when the server accepts it; the card's page shows how it goes. */
export const move = formAction(ofCard.extend({ to: z.string().max(320) }), async ({ code, to }, actor) => {
  const { id } = await startMove(getDb(), actor, { code, to, language: await getLanguage() })
  redirect(`${code === actor.code ? '/settings/user' : `/settings/users/${encodeURIComponent(code)}`}?move=${id}#move`)
})

/** *Stay with the password*: the consent is forgotten, and nothing else has changed yet. */
export const stay = formAction(ofCard, async ({ code }, actor) => {
  await disconnectMailbox(getDb(), actor, { code })
  revalidatePath('/', 'layout')
  return saved('microsoftMove.stayed')
})

/** The mailbox that consented may send under the card's user name. */
export const agree = formAction(ofCard.extend({ version: versionField }), async ({ code, version }, actor) => {
  await agreeToMailbox(getDb(), actor, { code, version })
  revalidatePath('/', 'layout')
  return saved('microsoftMove.agreed')
})
