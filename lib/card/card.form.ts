import { z } from 'zod'
import { addressField } from '@/lib/sender/address'
import { versionField } from '@/lib/version-field'
import { codePattern } from './card-code'
import { nameField } from './name'

const role = z.enum(['admin', 'user'], { error: 'roleNeeded' })
const bcc = addressField
const signature = z
  .string()
  .default('')
  .transform(text => text.replace(/\r\n?/g, '\n'))
  .pipe(
    z
      .string()
      .max(10_000, 'signatureTooLong')
      .refine(text => !text.includes('\0'), 'textUnsafe'),
  )

/** What a card is called in its company: `ANNA`. */
export const codeField = z
  .string()
  .default('')
  .transform(text => text.trim().toUpperCase())
  .pipe(z.string().regex(codePattern, 'codeInvalid'))

/** An admin makes a card. `loginEmail` empty: the person signs in with the card's e-mail. */
export const newCardForm = z.object({ code: codeField, name: nameField, email: addressField, loginEmail: addressField, role })

/** An admin edits a card. */
export const cardForm = z.object({ code: codeField, version: versionField, name: nameField, email: addressField, role, bcc, signature })

/** A person edits their own card; its e-mail and role are the admins'. */
export const ownCardForm = z.object({ version: versionField, name: nameField, bcc, signature })

export type NewCardInput = z.output<typeof newCardForm>
export type CardInput = z.output<typeof cardForm>
export type OwnCardInput = z.output<typeof ownCardForm>
