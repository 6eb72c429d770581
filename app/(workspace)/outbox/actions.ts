'use server'

import { revalidatePath } from 'next/cache'
import { z } from 'zod'
import { formAction, saved } from '@/app/_forms/form-action'
import { getDb } from '@/db/client'
import { cancelMessage, cancelMessages, leaveMessages, resendMessage, retryMessage, retryPicked } from '@/lib/message/message'
import { requiredAddressField } from '@/lib/sender/address'

const verbs = { retry: retryPicked, cancel: cancelMessages, leave: leaveMessages }
const told = { retry: 'outbox.retried', cancel: 'outbox.cancelledCount', leave: 'outbox.leftCount' } as const
const ids = z.preprocess(picked => (typeof picked === 'string' ? [picked] : (picked ?? [])), z.array(z.string().max(40)).max(200))

/** What was picked in the list: send now, cancel, or leave as it is. Says of how many it was true, and of how many it was not. */
export const actOnMany = formAction(z.object({ intent: z.enum(['retry', 'cancel', 'leave']), ids }), async ({ intent, ids }, actor) => {
  revalidatePath('/', 'layout') // and when it is refused, as below
  const count = await verbs[intent](getDb(), actor, { ids })
  const left = count === 0 ? 0 : new Set(ids).size - count // of none it is said already
  return saved(told[intent], { keyValues: { count, left } })
})

/** The same for the one message of its page, with the reason when it cannot be. */
export const actOnOne = formAction(z.object({ intent: z.enum(['retry', 'cancel']), id: z.string().max(40) }), async ({ intent, id }, actor) => {
  revalidatePath('/', 'layout') // and when it is refused: then the page shows what has become of it
  const became = intent === 'retry' ? await retryMessage(getDb(), actor, { id }) : await cancelMessage(getDb(), actor, { id })
  return saved(became === 'unknown' ? 'outbox.message.left' : became === 'cancelled' ? 'outbox.message.cancelled' : 'outbox.message.retried')
})

/** The message of this page as a new one, to one other address. */
export const resend = formAction(z.object({ id: z.string().max(40), to: requiredAddressField }), async ({ id, to }, actor) => {
  const { redirectedTo } = await resendMessage(getDb(), actor, { id, to })
  revalidatePath('/', 'layout')
  return saved('outbox.message.resend.done', { keyValues: { address: to, redirectedTo: redirectedTo ?? 'none' }, values: {} })
})
