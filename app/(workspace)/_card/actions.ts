'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import { findCurrentActor } from '@/app/_auth/require-actor'
import { formAction, saved } from '@/app/_forms/form-action'
import { wellFilled } from '@/app/_forms/well-filled'
import { getLanguage } from '@/app/_i18n/get-language'
import { getDb } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { saveOwnCard } from '@/lib/card/card'
import { assertNotEventAddress } from '@/lib/card/card-email'
import { allOf, Refusal } from '@/lib/errors'
import { sendWaitingByNewRoute } from '@/lib/message/reroute'
import { agreeToMailbox, disconnectMailbox, getConnection } from '@/lib/microsoft365/connection'
import { findLetters, type Letter } from '@/lib/sender/letters'
import { previewRoute } from '@/lib/sender/resolve-route'
import { saveCardWithSender, saveOwnCardWithSender } from '@/lib/sender/save-with-card'
import { planSender } from '@/lib/sender/sender'
import { startTestSend } from '@/lib/test-send/test-send'
import type { RouteView } from '../_route/route-view'
import { showRoute } from '../_route/show-route'
import { adminPageForm, anyCardForm, connectionForm, ownPageForm, ownPersonForm, previewForm, senderOnPage, testPageForm } from './card.form'

/** The sender of a card whose other fields are wrong already. */
async function judgeSender(fields: Record<string, unknown>, actor: Actor, code = actor.code): Promise<void> {
  const { success, data: sender } = senderOnPage.safeParse(fields)
  if (success) await planSender(getDb(), actor, { ...sender, code })
}

/** The same for any card, and its e-mail. */
const judgeAny = (fields: Record<string, unknown>, actor: Actor) =>
  allOf(judgeSender(fields, actor, String(fields.code)), assertEmail(wellFilled(anyCardForm, fields).email ?? null))
const assertEmail = async (email: string | null) => assertNotEventAddress(email)

/** The sender and the rest of one's own card. */
export const saveOwn = formAction(
  ownPageForm,
  async (input, actor) => {
    const { removedBlanks } = await saveOwnCardWithSender(getDb(), actor, input)
    revalidatePath('/', 'layout')
    return saved(removedBlanks ? 'card.savedBlanks' : 'card.saved')
  },
  (fields, actor) => judgeSender(fields, actor),
)

/** One's own card where the company lets users set no sender. */
export const saveOwnPerson = formAction(ownPersonForm, async ({ cardVersion, ...person }, actor) => {
  await saveOwnCard(getDb(), actor, { ...person, version: cardVersion })
  revalidatePath('/', 'layout')
  return saved('card.saved')
})

/** Any card, by an admin. */
export const saveAny = formAction(
  adminPageForm,
  async (input, actor) => {
    const { removedBlanks } = await saveCardWithSender(getDb(), actor, input)
    revalidatePath('/', 'layout')
    return saved(removedBlanks ? 'card.savedBlanks' : 'card.saved')
  },
  judgeAny,
)

const toMicrosoft = (code: string) => ({ result: { goTo: `/oauth/microsoft/authorize?card=${encodeURIComponent(code)}` } })

/** Saves one's own card, and tells where its mailbox is connected. */
export const connectOwn = formAction(
  ownPageForm,
  async (input, actor) => {
    await saveOwnCardWithSender(getDb(), actor, input)
    revalidatePath('/', 'layout')
    return saved('microsoft365.goOn', toMicrosoft(actor.code))
  },
  (fields, actor) => judgeSender(fields, actor),
)

/** The same for any card, by an admin. */
export const connectAny = formAction(
  adminPageForm,
  async (input, actor) => {
    await saveCardWithSender(getDb(), actor, input)
    revalidatePath('/', 'layout')
    return saved('microsoft365.goOn', toMicrosoft(input.card.code))
  },
  judgeAny,
)

/** The connected mailbox serves the card though its address is another. */
export const useMailboxAnyway = formAction(connectionForm, async ({ code, connectionVersion }, actor) => {
  const db = getDb()
  await agreeToMailbox(db, actor, { code, version: connectionVersion })
  const connection = await getConnection(db, actor, { code })
  revalidatePath('/', 'layout')
  return saved('microsoft365.agreed', { keyValues: { username: connection?.username ?? '', address: connection?.address ?? '' } })
})

export const disconnect = formAction(connectionForm, async ({ code }, actor) => {
  await disconnectMailbox(getDb(), actor, { code })
  revalidatePath('/', 'layout')
  return saved('microsoft365.disconnected')
})

/** Tries the values on screen, unsaved. Without JavaScript the conversation is on its own page. */
export const testValues = formAction(testPageForm, async ({ code, to, follow, ...values }, actor) => {
  const { id } = await startTestSend(getDb(), actor, { code, to, values, language: await getLanguage() })
  if (follow !== 'here') redirect(`/test-send?id=${id}`)
  return saved('testSend.sending', { result: { id } })
})

/** Waiting mail leaves by the route that holds now. */
export const reroute = formAction(z.object({ code: z.string() }), async ({ code }, actor) => {
  const count = await sendWaitingByNewRoute(getDb(), actor, { code })
  revalidatePath('/', 'layout')
  return saved('card.reroute.done', { keyValues: { count } })
})

export type Preview = { route: RouteView; letters: Letter[] | null }

/** The route as it would be with the values on screen, and the letters of who follows it; null while what is typed is no server yet, and for nobody: a redirect would take what is typed away. Takes no password. */
export async function preview(values: Record<string, string>): Promise<Preview | null> {
  const actor = await findCurrentActor()
  const parsed = previewForm.safeParse(values)
  if (!actor || !parsed.success) return null
  const { code, ...typed } = parsed.data
  const db = getDb()
  try {
    const [route, letters] = await Promise.all([previewRoute(db, actor, parsed.data), findLetters(db, actor, { code, values: typed })])
    return { route: { ...showRoute(route), isPasswordTyped: typed.password !== '' }, letters }
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
