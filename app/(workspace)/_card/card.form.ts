import { z } from 'zod'
import { cardForm, ownCardForm } from '@/lib/card/card.form'
import { senderForm } from '@/lib/sender/sender.form'
import { versionField } from '@/lib/version-field'

const checkbox = z.preprocess(value => value === 'on', z.boolean())

/** Both SMTP and Microsoft 365 have a user name on the page, under two names: without JavaScript both are posted. */
const senderOnPage = z.preprocess(fields => {
  const typed = fields as Record<string, unknown>
  return typed.choice === 'microsoft365' ? { ...typed, username: typed.microsoftUsername ?? '', authorIsLogin: typed.microsoftAuthorIsLogin } : fields
}, senderForm)

/** One's own card; the sender's `version` and the card's come in one form under two names. */
export const ownPersonForm = ownCardForm.omit({ version: true }).extend({ cardVersion: versionField })
export const ownPageForm = z.intersection(ownPersonForm, senderOnPage)

/** Any card, by an admin. */
export const adminPageForm = z.intersection(cardForm.omit({ version: true }).extend({ cardVersion: versionField, isActive: checkbox }), senderOnPage)

/** The values on screen, to be tried and not saved. */
export const testPageForm = z.intersection(z.object({ code: z.string(), to: z.string().default(''), follow: z.string().default('') }), senderOnPage)
export const previewForm = z.intersection(z.object({ code: z.string() }), senderForm)

/** What is done to the mailbox that was on screen. */
export const connectionForm = z.object({ code: z.string().max(20), connectionVersion: versionField.default(0) })
