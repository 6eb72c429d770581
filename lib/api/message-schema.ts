import { z } from 'zod'
import { codePattern } from '@/lib/card/card-code'
import { days, now } from '@/lib/clock'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { maxRecipients, maxSubjectLength } from '@/lib/message/prepare-message'
import { parseAddress } from '@/lib/sender/address'
import { attachments } from './attachment-schema'
import { headers } from './header-schema'
import { manyLines, oneLine } from './text-schema'

/**
 * What programs send, read and described by the same schemas: refusals, and the published description, follow from here.
 * Checks and codecs, not `superRefine` and `transform`: those give every value they see a function of its own, and V8 keeps all
 * that hangs on it, the whole message, until it collects the old generation.
 */

const address = z
  .string()
  .check(context => {
    try {
      context.value = parseAddress(context.value)
    } catch (error) {
      context.issues.push({ code: 'custom', input: context.value, message: error instanceof Refusal ? error.code : 'addressInvalid' })
    }
  })
  .meta({ format: 'email', description: 'One plain address, without a name.' })

const addresses = z.array(address).max(maxRecipients, 'tooManyRecipients')

const farthestMs = days(366)
const instant = z
  .codec(z.iso.datetime({ offset: true, error: 'instantInvalid' }), z.date(), { decode: text => new Date(text), encode: at => at.toISOString() })
  .refine(at => at.getTime() - now().getTime() < farthestMs, 'instantTooFar')
  .meta({ format: 'date-time' })

export const usualKind = 'document'

/**
 * One message, as a program hands it in. Unknown fields are refused: a misspelt one would be lost in silence. Null stands for what is
 * not given, as many programs write it.
 */
export const messageSchema = z
  .strictObject({
    from_user: z
      .string()
      .max(40, 'codeInvalid')
      .trim()
      .toUpperCase()
      .refine(code => codePattern.test(code), 'codeInvalid')
      .meta({ description: 'The code of the user whose settings it leaves by.', examples: ['ANNA'] }),
    to: addresses.nullish().meta({ default: [] }),
    cc: addresses.nullish().meta({ default: [] }),
    bcc: addresses.nullish().meta({ default: [], description: 'Stand in the envelope only.' }),
    reply_to: address.nullish().meta({
      description: `Where answers go. The e-mail of the user, whatever is given here, with ${env.platform.name}-Reply-to and where From is the mailbox that signs in.`,
    }),
    subject: oneLine(maxSubjectLength),
    text: manyLines.nullish().meta({ default: '' }),
    html: manyLines.nullish(),
    headers: headers
      .nullish()
      .meta({ default: {}, description: 'X-*, In-Reply-To, References, Auto-Submitted and List-* only. Text beyond ASCII in X-* only, where it is encoded.' }),
    attachments: attachments.nullish(),
    kind: z
      .enum(['document', 'letter', 'notice'])
      .nullish()
      .meta({ default: usualKind, description: 'Notices leave before documents, documents before letters.' }),
    document: z
      .strictObject({ type: oneLine(50).nullish(), number: oneLine(100).nullish() })
      .nullish()
      .meta({ description: 'What it carries, in the words of your software; to find it by.' }),
    send_at: instant.nullish().meta({ description: 'Not before. At most a year ahead.' }),
    expires_at: instant.nullish().meta({ description: 'Not after. Without it five days of tries.' }),
  })
  .check(({ value, issues }) => {
    const { to, cc, bcc, send_at, expires_at } = value
    const refuse = (field: keyof typeof value, message: string, params?: Record<string, number>) =>
      issues.push({ code: 'custom', input: value, path: [field], message, params })
    const count = (to?.length ?? 0) + (cc?.length ?? 0) + (bcc?.length ?? 0)
    if (count === 0) refuse('to', 'recipientNeeded')
    if (count > maxRecipients) refuse('to', 'tooManyRecipients', { most: maxRecipients })
    // what is no instant has been refused by now, but this still sees it
    if (expires_at instanceof Date && expires_at.getTime() <= Math.max(now().getTime(), send_at instanceof Date ? send_at.getTime() : 0))
      refuse('expires_at', 'expiresTooSoon')
  })

export const mostInBatch = 500
export const batchSchema = z.strictObject({
  messages: z.array(messageSchema).min(1, 'messagesNeeded').max(mostInBatch, 'batchTooLarge').meta({ description: 'All of them are queued, or none.' }),
})

export type MessageRequest = z.output<typeof messageSchema>
