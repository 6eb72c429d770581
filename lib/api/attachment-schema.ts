import { z } from 'zod'
import { anyCase, final, oneLine } from './text-schema'

const structured = `(?!${anyCase('multipart')}\\/|${anyCase('message')}\\/)` // these have parts and rules of their own
const parameter = `; ?(${anyCase('charset')}|${anyCase('name')}|${anyCase('method')})=("[\\w .+-]+"|[\\w.+-]+)`
const contentType = new RegExp(`^${structured}[A-Za-z]+\\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*(${parameter}){0,3}$`)

/** A file that goes with a message. */
export const attachment = z.strictObject({
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

/** Null unless every character counts: what Node skips in silence would change somebody's attachment. */
function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return text.length % 4 === 0 && bytes.length === (text.length / 4) * 3 - padding ? bytes : null
}
