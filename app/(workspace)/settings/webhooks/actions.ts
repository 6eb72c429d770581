'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import { formAction, saved } from '@/app/_forms/form-action'
import { wellFilled } from '@/app/_forms/well-filled'
import { getDb } from '@/db/client'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { replayDelivery, replayFailed, sendTestEvent } from '@/lib/webhook/delivery'
import * as webhook from '@/lib/webhook/webhook'
import { webhookForm } from '@/lib/webhook/webhook.form'

const id = z.string().max(100)
const page = '/settings/webhooks'

/** Where only the events are wrong, the address may be, too. */
async function judgeAddress(fields: Record<string, unknown>, actor: Actor): Promise<void> {
  assertAdmin(actor) // it asks name servers
  const { url } = wellFilled(webhookForm, fields)
  if (url !== undefined) await webhook.assertReachable(getDb(), url)
}

/** Its secret is in the answer, once. */
export const createWebhook = formAction(
  webhookForm,
  async (input, actor) => {
    const made = await webhook.createWebhook(getDb(), actor, input)
    revalidatePath(page, 'layout')
    return saved('webhooks.create.done', { result: made, values: {} })
  },
  judgeAddress,
)

export const saveWebhook = formAction(
  webhookForm.extend({ id }),
  async (input, actor) => {
    await webhook.saveWebhook(getDb(), actor, input)
    revalidatePath(page, 'layout')
  },
  judgeAddress,
)

export const rotateSecret = formAction(z.object({ id }), async ({ id }, actor) => {
  const result = await webhook.rotateSecret(getDb(), actor, { id })
  revalidatePath(page, 'layout')
  return saved('webhooks.secret.done', { result })
})

export const switchWebhook = formAction(z.object({ id, isActive: z.stringbool() }), async (input, actor) => {
  await webhook.switchWebhook(getDb(), actor, input)
  revalidatePath(page, 'layout')
  return saved(input.isActive ? 'webhooks.switchedOn' : 'webhooks.switchedOff')
})

export const deleteWebhook = formAction(z.object({ id }), async (input, actor) => {
  await webhook.deleteWebhook(getDb(), actor, input)
  revalidatePath(page, 'layout')
  redirect(`${page}?deleted=yes`)
})

export const sendTest = formAction(z.object({ id }), async ({ id }, actor) => {
  await sendTestEvent(getDb(), actor, { webhookId: id })
  revalidatePath(page, 'layout')
  return saved('webhooks.testSent')
})

/** One event of the log again, or, without naming one, all that were given up. */
export const replay = formAction(z.object({ id, deliveryId: id.default('') }), async ({ id: webhookId, deliveryId }, actor) => {
  const count = deliveryId ? 1 : await replayFailed(getDb(), actor, { webhookId })
  if (deliveryId) await replayDelivery(getDb(), actor, { webhookId, id: deliveryId })
  revalidatePath(page, 'layout')
  return saved('webhooks.replayed', { keyValues: { count } })
})
