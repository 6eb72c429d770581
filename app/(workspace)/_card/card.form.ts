import { z } from 'zod'
import { cardForm, ownCardForm } from '@/lib/card/card.form'
import { checkboxField } from '@/lib/checkbox-field'
import { senderForm } from '@/lib/sender/sender.form'
import { versionField } from '@/lib/version-field'

/** Both SMTP and Microsoft 365 have a user name on the page, under two names: without JavaScript both are posted. */
export const senderOnPage = z.preprocess(fields => {
  const typed = fields as Record<string, unknown>
  return typed.choice === 'microsoft365' ? { ...typed, username: typed.microsoftUsername ?? '', authorIsLogin: typed.microsoftAuthorIsLogin } : fields
}, senderForm)

const cardVersion = { cardVersion: versionField }
/** Any card without its sender. */
export const anyCardForm = cardForm.omit({ version: true }).extend({ ...cardVersion, isActive: checkboxField })

/** One's own card without its sender; the card's version has another name than the sender's, both are in one form. */
export const ownPersonForm = ownCardForm.omit({ version: true }).extend(cardVersion)

/** One's own card and its sender. */
export const ownPageForm = z
  .intersection(ownPersonForm, senderOnPage)
  .transform(({ cardVersion: version, name, bcc, signature, ...sender }) => ({ card: { version, name, bcc, signature }, sender }))

/** Any card and its sender, by an admin. */
export const adminPageForm = z
  .intersection(anyCardForm, senderOnPage)
  .transform(({ cardVersion: version, code, name, email, role, bcc, signature, isActive, ...sender }) => ({
    card: { code, version, name, email, role, bcc, signature, isActive },
    sender,
  }))

/** The values on screen, to be tried and not saved. */
export const testPageForm = z.intersection(z.object({ code: z.string(), to: z.string().default(''), follow: z.string().default('') }), senderOnPage)
export const previewForm = z.intersection(z.object({ code: z.string() }), senderForm)

/** What is done to the mailbox that was on screen. */
export const connectionForm = z.object({ code: z.string().max(20), connectionVersion: versionField.default(0) })
