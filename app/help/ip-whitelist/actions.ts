'use server'

import { z } from 'zod'
import { formAction, saved } from '@/app/_forms/form-action'
import { getDb } from '@/db/client'
import { checkReach } from '@/lib/diagnosis/check-reach'

/** Connects to a server from here and tells whether we are let in. */
export const checkFromHere = formAction(z.object({ server: z.string().max(300, 'serverHostInvalid').default('') }), async (input, actor) => {
  return saved('reach.done', { result: await checkReach(getDb(), actor, input) })
})
