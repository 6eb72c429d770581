'use server'

import { revalidatePath } from 'next/cache'
import { z } from 'zod'
import { formAction, saved } from '@/app/_forms/form-action'
import { getLanguage } from '@/app/_i18n/get-language'
import { getDb } from '@/db/client'
import { getSendingPolicy, saveSendingPolicy } from '@/lib/sender/sending-policy'
import { startIdentityRun } from '@/lib/test-send/identity-run'
import { testPageForm } from '../_card/card.form'

/** A real test as every card that leaves through the base user, as saved, to whoever asks. */
export const testIdentities = formAction(z.object({}), async (_input, actor) => {
  const { count } = await startIdentityRun(getDb(), actor, { language: await getLanguage() })
  revalidatePath('/', 'layout')
  return saved('identity.started', { keyValues: { count } })
})

/** The same with the values on screen of one's own card, before they are saved. */
export const testIdentitiesOnScreen = formAction(testPageForm, async ({ code, to, follow, ...values }, actor) => {
  const { count } = await startIdentityRun(getDb(), actor, { values, language: await getLanguage() })
  revalidatePath('/', 'layout')
  return saved('identity.started', { keyValues: { count } })
})

/** Rule 7 for everybody: From = the mailbox that signs in, Reply-To = the card's e-mail. */
export const sendAllAsLogin = formAction(z.object({}), async (_input, actor) => {
  const { baseCode, usersMaySet, version } = await getSendingPolicy(getDb(), actor)
  await saveSendingPolicy(getDb(), actor, { baseCode: baseCode ?? '', usersMaySet, authorIsLogin: true, version })
  revalidatePath('/', 'layout')
  return saved('identity.allAsLogin')
})
