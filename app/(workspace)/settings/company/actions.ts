'use server'

import { revalidatePath } from 'next/cache'
import { z } from 'zod'
import { findCurrentActor, requireAdmin } from '@/app/_auth/require-actor'
import { formAction, saved } from '@/app/_forms/form-action'
import { sentenceOf } from '@/app/_forms/say-refusal'
import { getDb } from '@/db/client'
import { Refusal } from '@/lib/errors'
import { sendAllWaitingByNewRoute } from '@/lib/message/reroute'
import type { Followers } from '@/lib/sender/followers'
import { previewPolicy, saveSendingPolicy } from '@/lib/sender/sending-policy'
import { sendingPolicyForm } from '@/lib/sender/sending-policy.form'
import { keepTextsForm, saveKeepTextsDays } from '@/lib/tenant/keep-texts'
import { endRedirect, holdMail, redirectMail, releaseMail } from '@/lib/tenant/mail-switch'
import { holdForm, redirectForm } from '@/lib/tenant/mail-switch.form'
import { saveTenant } from '@/lib/tenant/tenant'
import { tenantForm } from '@/lib/tenant/tenant.form'

export const saveCompany = formAction(tenantForm, async (input, actor) => {
  await saveTenant(getDb(), actor, input)
  revalidatePath('/', 'layout')
  return saved('company.saved')
})

export const savePolicy = formAction(sendingPolicyForm, async (input, actor) => {
  await saveSendingPolicy(getDb(), actor, input)
  revalidatePath('/', 'layout')
  return saved('company.saved')
})

/** What waits with the settings from before leaves by those that hold now, of all users. */
export const rerouteAll = formAction(z.object({}), async (_input, actor) => {
  const count = await sendAllWaitingByNewRoute(getDb(), actor)
  revalidatePath('/', 'layout')
  return saved('card.reroute.done', { keyValues: { count } })
})

export const saveKeepTexts = formAction(keepTextsForm, async (input, actor) => {
  await saveKeepTextsDays(getDb(), actor, input)
  revalidatePath('/settings/company')
  return saved('company.saved')
})

export const switchHold = formAction(holdForm, async ({ hold }, actor) => {
  if (hold === 'on') await holdMail(getDb(), actor)
  else await releaseMail(getDb(), actor)
  revalidatePath('/', 'layout')
  return saved(hold === 'on' ? 'mailSwitch.hold.stopped' : 'mailSwitch.hold.gone')
})

export const switchRedirect = formAction(redirectForm, async (input, actor) => {
  try {
    if (input.redirect === 'on') await redirectMail(getDb(), actor, input)
    else await endRedirect(getDb(), actor)
  } catch (error) {
    if (error instanceof Refusal) revalidatePath('/', 'layout') // the page shows where mail goes meanwhile
    throw error
  }
  revalidatePath('/', 'layout')
  return input.redirect === 'on' ? saved('mailSwitch.redirect.saved', { keyValues: { address: input.redirectTo.trim() } }) : saved('mailSwitch.redirect.ended')
})

export type PolicyPreview = { followers: Followers; refusal: null } | { followers: null; refusal: BaseRefusal }
/** What saving would say of the base user. `isUnknown`: nobody has such a code, or has it yet while it is typed. */
type BaseRefusal = { sentence: string; isUnknown: boolean }

/** Who would follow whom with what is on screen, or what saving would say instead. Null for nobody: a redirect would take what is typed away. */
export async function previewFollowers(values: Record<string, string>): Promise<PolicyPreview | null> {
  if (!(await findCurrentActor())) return null
  const actor = await requireAdmin()
  const parsed = sendingPolicyForm.safeParse(values)
  if (!parsed.success) return { followers: null, refusal: await refusalOf('cardNotFound') }
  try {
    return { followers: await previewPolicy(getDb(), actor, parsed.data), refusal: null }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { followers: null, refusal: await refusalOf(error.code, error.values) }
  }
}

const refusalOf = async (code: string, values: Refusal['values'] = {}): Promise<BaseRefusal> => ({
  sentence: await sentenceOf(code, values),
  isUnknown: code === 'cardNotFound',
})
