import { z } from 'zod'
import { anyCase, final, oneLine } from './text-schema'

const structured = `(?!${anyCase('multipart')}\\/|${anyCase('message')}\\/)` // these have parts and rules of their own
const parameter = `; ?(${anyCase('charset')}|${anyCase('name')}|${anyCase('method')})=("[\\w .+-]+"|[\\w.+-]+)`
const contentType = new RegExp(`^${structured}[A-Za-z]+\\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*(${parameter}){0,3}$`)

export const usualContentType = 'application/octet-stream'

/** A name and no way: a folder, this one and the one above have no place in it. */
const isFilename = (name: string) => !/^\s*\.{0,2}\s*$|[/\\]/.test(name)

const base64 = /^[A-Za-z0-9+/=\r\n\t ]*$/

/** A file that goes with a message. */
const attachment = z.strictObject({
  filename: oneLine(255)
    .refine(isFilename, final('filenameInvalid'))
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
    .meta({
      contentEncoding: 'base64',
      pattern: base64.source,
      description: 'The content in base64 (RFC 4648, section 4), padded. It may be broken into lines (RFC 2045, section 6.8).',
    }),
  content_type: z
    .string()
    .max(200, final('tooLong'))
    .regex(contentType, final('contentTypeInvalid'))
    .nullish()
    .meta({ default: usualContentType, examples: ['application/pdf'] }),
  content_id: z
    .string()
    .regex(/^[A-Za-z0-9._@+-]{1,100}$/, final('contentIdInvalid'))
    .nullish()
    .meta({ description: 'For a picture in the HTML: src="cid:…" names it.' }),
})

/** Files that go with a message; a picture of the HTML is named by one of them only. */
export const attachments = z
  .array(attachment)
  .max(100, 'tooManyAttachments')
  .check(({ value, issues }) => {
    const taken = new Set<string>()
    for (const [i, { content_id: id }] of value.entries()) {
      if (!id) continue
      if (taken.has(id)) issues.push({ code: 'custom', input: id, path: [i, 'content_id'], message: 'contentIdTwice' })
      taken.add(id)
    }
  })

/** Null unless every character counts: what Node skips in silence would change somebody's attachment. */
function decodeBase64(text: string): Buffer | null {
  if (text.includes('-') || text.includes('_')) return null // base64url, which Node takes for the same
  const bytes = Buffer.from(text, 'base64')
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  if (bytes.length === bytesOf(text.length, padding)) return bytes
  const padded = countOf(text, '=')
  const count = lettersOf(text)
  const isPaddedLast = padded === 0 || lettersOf(text.slice(text.indexOf('='))) === padded
  return isPaddedLast && padded <= 2 && bytes.length === bytesOf(count, padded) ? bytes : null
}

/** How many bytes so many characters stand for; none could be of a length that is no multiple of four. */
const bytesOf = (count: number, padding: number) => (count % 4 === 0 ? (count / 4) * 3 - padding : -1)

/** Of a text in lines only its letters count (RFC 2045 section 6.8). */
const lettersOf = (text: string) => ['\r', '\n', '\t', ' '].reduce((count, blank) => count - countOf(text, blank), text.length)

/** By leaps: of a file of 40 MB, letter by letter takes half a second. */
function countOf(text: string, mark: string): number {
  let count = 0
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) count++
  return count
}
