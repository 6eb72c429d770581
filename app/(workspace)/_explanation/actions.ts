'use server'

import { revalidatePath } from 'next/cache'
import { getFormatter } from 'next-intl/server'
import { z } from 'zod'
import { formAction, saved } from '@/app/_forms/form-action'
import { getDb } from '@/db/client'
import { distrustCertificate, trustCertificate } from '@/lib/account/trusted-certificate'
import { probeTyped } from '@/lib/diagnosis/probe'
import { Refusal } from '@/lib/errors'
import { sendAsLogin, sendAsReplyTo } from '@/lib/sender/mend-sender'
import { removePasswordBlanks } from '@/lib/sender/password-blanks'
import { senderForm } from '@/lib/sender/sender.form'

const code = z.string().max(40)

/** The settings of a card changed by one press, under every rule of saving them. */
export const mend = formAction(z.object({ code, action: z.enum(['useAuthorIsLogin', 'useReplyTo', 'removeBlanks']) }), async ({ code, action }, actor) => {
  const db = getDb()
  if (action === 'removeBlanks') {
    const { count } = await removePasswordBlanks(db, actor, { code })
    revalidatePath('/', 'layout')
    return saved('mend.done.blanks', { keyValues: { count } })
  }
  await (action === 'useReplyTo' ? sendAsReplyTo : sendAsLogin)(db, actor, { code })
  revalidatePath('/', 'layout')
  return saved(action === 'useReplyTo' ? 'mend.done.replyTo' : 'mend.done.authorIsLogin')
})

/** What a server wants on the usual ports, or on its own alone. Says no user name and no password. */
export const probe = formAction(z.object({ server: z.string().max(300), only: z.literal('thisPort').optional() }), async (input, actor) =>
  saved('mend.probing', { result: await probeTyped(getDb(), actor, input) }),
)

const trustForm = z.looseObject({
  code,
  fingerprint256: z.string().max(100),
  subject: z.string().max(1000),
  issuer: z.string().max(1000),
  forDays: z.coerce.number().int(),
  onScreen: z.literal('on').optional(), // the account of the values that are on screen and not saved
})

/** Trusts the one certificate that was shown, for this account and so many days. Admins only. */
export const trust = formAction(trustForm, async ({ code, forDays, onScreen, ...fields }, actor) => {
  const { fingerprint256, subject, issuer } = fields
  const typed = onScreen ? senderForm.safeParse(fields) : undefined
  if (typed?.error) throw new Refusal('invalid') // they stand in another form, with their own sentences
  const { expiresAt } = await trustCertificate(getDb(), actor, { code, forDays, values: typed?.data, certificate: { fingerprint256, subject, issuer } })
  revalidatePath('/', 'layout')
  return saved('mend.done.trusted', { keyValues: { date: (await getFormatter()).dateTime(expiresAt, 'day') } })
})

/** Takes the trust back. */
export const distrust = formAction(z.object({ id: z.string().max(60) }), async ({ id }, actor) => {
  await distrustCertificate(getDb(), actor, { id })
  revalidatePath('/', 'layout')
  return saved('mend.done.distrusted')
})
