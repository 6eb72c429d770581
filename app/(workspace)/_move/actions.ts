'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import { formAction, saved } from '@/app/_forms/form-action'
import { getLanguage } from '@/app/_i18n/get-language'
import { getDb } from '@/db/client'
import { agreeToMailbox, disconnectMailbox } from '@/lib/microsoft365/connection'
import { startMove } from '@/lib/microsoft365/move-off-password'

/** Sends the test that switches the card when the server accepts it; the card's page shows how it goes. */
export const move = formAction(z.object({ to: z.string().max(320) }), async ({ to }, actor) => {
  const { id } = await startMove(getDb(), actor, { to, language: await getLanguage() })
  redirect(`/settings/user?move=${id}#move`)
})

/** *Stay with the password*: the consent is forgotten, and nothing else has changed yet. */
export const stay = formAction(z.object({}), async (_, actor) => {
  await disconnectMailbox(getDb(), actor, { code: actor.code })
  revalidatePath('/', 'layout')
  return saved('microsoftMove.stayed')
})

/** The mailbox that consented may send under the card's user name. */
export const agree = formAction(z.object({ version: z.coerce.number().int() }), async ({ version }, actor) => {
  await agreeToMailbox(getDb(), actor, { code: actor.code, version })
  revalidatePath('/', 'layout')
  return saved('microsoftMove.agreed')
})
