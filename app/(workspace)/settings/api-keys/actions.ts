'use server'

import { revalidatePath } from 'next/cache'
import { z } from 'zod'
import { formAction, saved } from '@/app/_forms/form-action'
import { wellFilled } from '@/app/_forms/well-filled'
import { getDb } from '@/db/client'
import * as apiKey from '@/lib/api/api-key'
import { apiKeyForm } from '@/lib/api/api-key.form'

const page = '/settings/api-keys'

/** The key is in the answer, once. */
export const createApiKey = formAction(
  apiKeyForm,
  async (input, actor) => {
    const made = await apiKey.createApiKey(getDb(), actor, input)
    revalidatePath(page)
    return saved('apiKeys.create.done', { result: made, values: {} })
  },
  (fields, actor) => apiKey.judgeApiKey(getDb(), actor, wellFilled(apiKeyForm, fields)),
)

export const revokeApiKey = formAction(z.object({ id: z.string().max(100) }), async (input, actor) => {
  await apiKey.revokeApiKey(getDb(), actor, input)
  revalidatePath(page)
  return saved('apiKeys.revoked')
})
