'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import { formAction } from '@/app/_forms/form-action'
import { getLanguage } from '@/app/_i18n/get-language'
import { getDb } from '@/db/client'
import { startTestSend } from '@/lib/test-send/test-send'

/** Starts a test of a card as saved; its page follows the conversation. */
export const startTest = formAction(z.object({ as: z.string(), to: z.string().default('') }), async ({ as: code, to }, actor) => {
  const { id } = await startTestSend(getDb(), actor, { code, to, language: await getLanguage() })
  redirect(`/test-send?id=${id}`)
})
