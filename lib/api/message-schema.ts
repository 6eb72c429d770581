import { z } from 'zod'
import { codePattern } from '@/lib/card/card-code'
import { days, now } from '@/lib/clock'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { maxRecipients, maxSubjectLength } from '@/lib/message/prepare-message'
import { parseAddress } from '@/lib/sender/address'

/**
 * What programs send, read and described by the same schemas: refusals, and the published description, follow from here.
 * Checks and codecs, not `superRefine` and `transform`: those give every value they see a function of its own, and V8 keeps all
 * that hangs on it, the whole message, until it collects the old generation.
 */

/** A refusal after which nothing more is read of the list around it: of a thousand attachments that are wrong one is told. */
const final = (error: string) => ({ error, abort: true })

const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u // line ends of any alphabet, NUL, halves of characters
const oneLine = (most: number) =>
  z
    .string()
    .max(most, final('tooLong'))
    .refine(text => !control.test(text), final('lineUnsafe'))

/** Text of several lines: line ends are kept, what no mail can carry is refused. */
const manyLines = z
  .string()
  .max(10_000_000, 'tooLong')
  .refine(text => !text.includes('\0') && text.isWellFormed(), 'textUnsafe')

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

/** Only these: everything else of a header is the route's, or made when the message leaves. */
const longestHeader = 900 // RFC 5322 section 2.1.1: 998 octets a line
const headerName = /^(X-[A-Za-z0-9-]{1,70}|In-Reply-To|References|Auto-Submitted|List-[A-Za-z-]{1,70})$/i
const header = z
  .record(z.string().regex(headerName, 'headerNotAllowed'), oneLine(longestHeader))
  .refine(record => new Set(Object.keys(record).map(name => name.toLowerCase())).size === Object.keys(record).length, 'headerTwice')

/** Counted before they are read, as zod itself does with lists: a body has room for millions of names, and each that is wrong is an issue. */
const mostHeaders = 50
const headers = z
  .unknown()
  .refine(value => typeof value !== 'object' || value === null || Object.keys(value).length <= mostHeaders, 'tooManyHeaders')
  .pipe(header)
  .meta({
    type: 'object',
    maxProperties: mostHeaders,
    propertyNames: { type: 'string', pattern: headerName.source },
    additionalProperties: { type: 'string', maxLength: longestHeader },
  })

const contentType = /^(?!multipart\/|message\/)[a-z]+\/[a-z0-9][a-z0-9!#$&^_.+-]*(; ?(charset|name|method)=("[\w .+-]+"|[\w.+-]+)){0,3}$/i

const attachment = z.strictObject({
  filename: oneLine(255)
    .refine(name => name.trim() !== '' && !/[/\\]/.test(name), final('filenameInvalid'))
    .meta({ description: 'Without a folder.', examples: ['invoice-1.pdf'] }),
  content: z
    .codec(z.string(), z.instanceof(Buffer), {
      decode: (text, { issues }) => {
        const bytes = decodeBase64(text)
        if (bytes) return bytes
        issues.push({ code: 'custom', input: text, message: 'base64Invalid' })
        return z.NEVER
      },
      encode: bytes => bytes.toString('base64'),
    })
    .meta({ contentEncoding: 'base64', description: 'The content in base64.' }),
  content_type: z
    .string()
    .max(200, final('tooLong'))
    .regex(contentType, final('contentTypeInvalid'))
    .default('application/octet-stream')
    .meta({ examples: ['application/pdf'] }),
  content_id: z
    .string()
    .regex(/^[A-Za-z0-9._@+-]{1,100}$/, final('contentIdInvalid'))
    .optional()
    .meta({ description: 'For a picture in the HTML: src="cid:…" names it.' }),
})

const farthestMs = days(366)
const instant = z
  .codec(z.iso.datetime({ offset: true, error: 'instantInvalid' }), z.date(), { decode: text => new Date(text), encode: at => at.toISOString() })
  .refine(at => at.getTime() - now().getTime() < farthestMs, 'instantTooFar')
  .meta({ format: 'date-time' })

/** One message, as a program hands it in. Unknown fields are refused: a misspelt one would be lost in silence. */
export const messageSchema = z
  .strictObject({
    from_user: z
      .string()
      .max(40, 'codeInvalid')
      .trim()
      .toUpperCase()
      .refine(code => codePattern.test(code), 'codeInvalid')
      .meta({ description: 'The code of the user whose settings it leaves by.', examples: ['ANNA'] }),
    to: addresses.default([]),
    cc: addresses.default([]),
    bcc: addresses.default([]).meta({ description: 'Stand in the envelope only.' }),
    reply_to: address.optional().meta({
      description: `Where answers go. The e-mail of the user, whatever is given here, with ${env.platform.name}-Reply-to and where From is the mailbox that signs in.`,
    }),
    subject: oneLine(maxSubjectLength),
    text: manyLines.default(''),
    html: manyLines.optional(),
    headers: headers.default({}).meta({ description: 'X-*, In-Reply-To, References, Auto-Submitted and List-* only.' }),
    attachments: z.array(attachment).max(100, 'tooManyAttachments').default([]),
    kind: z
      .enum(['document', 'letter', 'notice'], { error: 'choiceNeeded' })
      .default('document')
      .meta({ description: 'Notices leave before documents, documents before letters.' }),
    document: z
      .strictObject({ type: oneLine(50).optional(), number: oneLine(100).optional() })
      .optional()
      .meta({ description: 'What it carries, in the words of your software; to find it by.' }),
    send_at: instant.optional().meta({ description: 'Not before. At most a year ahead.' }),
    expires_at: instant.optional().meta({ description: 'Not after. Without it five days of tries.' }),
  })
  .check(({ value, issues }) => {
    const { to, cc, bcc, send_at, expires_at } = value
    const refuse = (field: keyof typeof value, message: string, params?: Record<string, number>) =>
      issues.push({ code: 'custom', input: value, path: [field], message, params })
    const count = to.length + cc.length + bcc.length
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

/** Null unless every character counts: what Node skips in silence would change somebody's attachment. */
function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return text.length % 4 === 0 && bytes.length === (text.length / 4) * 3 - padding ? bytes : null
}
