'use server'

import { revalidatePath } from 'next/cache'
import { z } from 'zod'
import { formAction, saved } from '@/app/_forms/form-action'
import { getDb } from '@/db/client'
import { cancelMessage, cancelMessages, resendMessage, retryMessage, retryMessages } from '@/lib/message/message'
import { requiredAddressField } from '@/lib/sender/address'

const intent = z.enum(['retry', 'cancel'])
const ids = z.preprocess(picked => (typeof picked === 'string' ? [picked] : (picked ?? [])), z.array(z.string().max(40)).max(200))

/** What was picked in the list: send now, or cancel. Says of how many it was true, and of how many it was not. */
export const actOnMany = formAction(z.object({ intent, ids }), async ({ intent, ids }, actor) => {
  const act = intent === 'retry' ? retryMessages : cancelMessages
  const count = await act(getDb(), actor, { ids })
  revalidatePath('/', 'layout')
  const left = count === 0 ? 0 : new Set(ids).size - count // of none it is said already
  return saved(intent === 'retry' ? 'outbox.retried' : 'outbox.cancelledCount', { keyValues: { count, left } })
})

/** The same for the one message of its page, with the reason when it cannot be. */
export const actOnOne = formAction(z.object({ intent, id: z.string().max(40) }), async ({ intent, id }, actor) => {
  const act = intent === 'retry' ? retryMessage : cancelMessage
  await act(getDb(), actor, { id })
  revalidatePath('/', 'layout')
  return saved(intent === 'retry' ? 'outbox.message.retried' : 'outbox.message.cancelled')
})

/** The message of this page as a new one, to one other address. */
export const resend = formAction(z.object({ id: z.string().max(40), to: requiredAddressField }), async ({ id, to }, actor) => {
  await resendMessage(getDb(), actor, { id, to })
  revalidatePath('/', 'layout')
  return saved('outbox.message.resend.done', { keyValues: { address: to }, values: {} })
})
