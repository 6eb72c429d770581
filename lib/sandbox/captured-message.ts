import { desc, eq } from 'drizzle-orm'
import sanitizeHtml from 'sanitize-html'
import type { Db } from '@/db/client'
import { type CapturedMessage, capturedMessages } from '@/db/schema'
import { Refusal } from '@/lib/errors'
import { isId } from '@/lib/id'
import { parseMime } from '@/lib/message/parse-mime'

type CapturedRow = Pick<CapturedMessage, 'id' | 'receivedAt' | 'envelopeSender' | 'username' | 'subject'> & { envelopeRecipients: string[] }

type CapturedView = CapturedRow & {
  headers: { name: string; value: string }[]
  text: string | null
  html: string | null // without scripts, forms and anything that is loaded from elsewhere
  attachments: { filename: string; contentType: string; sizeBytes: number }[]
  raw: string
}

const listing = {
  id: capturedMessages.id,
  receivedAt: capturedMessages.receivedAt,
  envelopeSender: capturedMessages.envelopeSender,
  envelopeRecipients: capturedMessages.envelopeRecipients,
  username: capturedMessages.username,
  subject: capturedMessages.subject,
}

/** What the sandbox took in place of the platform relay, newest first. */
export async function listCaptured(db: Db, { limit = 100 }: { limit?: number } = {}): Promise<CapturedRow[]> {
  const rows = await db.select(listing).from(capturedMessages).orderBy(desc(capturedMessages.receivedAt), desc(capturedMessages.id)).limit(limit)
  return rows.map(withRecipients)
}

/** @throws Refusal `messageNotFound` */
export async function getCaptured(db: Db, { id }: { id: string }): Promise<CapturedView> {
  if (!isId(id)) throw new Refusal('messageNotFound')
  const [row] = await db.select().from(capturedMessages).where(eq(capturedMessages.id, id))
  if (!row) throw new Refusal('messageNotFound')
  const { raw, ...rest } = row
  const parsed = await parseMime(raw)
  return {
    ...withRecipients(rest),
    headers: headersOf(raw),
    text: parsed.text ?? null,
    html: parsed.html ? harmless(parsed.html) : null,
    attachments: parsed.attachments.map(({ filename, mimeType, content }) => ({
      filename: filename ?? '',
      contentType: mimeType,
      sizeBytes: typeof content === 'string' ? content.length : content.byteLength,
    })),
    raw: raw.toString('utf8'),
  }
}

const withRecipients = <Row extends { envelopeRecipients: unknown }>(row: Row) => ({ ...row, envelopeRecipients: row.envelopeRecipients as string[] })

/** The header lines as they came, folded ones joined. */
function headersOf(raw: Buffer): CapturedView['headers'] {
  const [head = ''] = raw.toString('utf8').split(/\r?\n\r?\n/, 1)
  return head
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .map(line => ({ name: line.slice(0, line.indexOf(':')), value: line.slice(line.indexOf(':') + 1).trim() }))
    .filter(({ name }) => name !== '')
}

const harmless = (html: string) =>
  sanitizeHtml(html, {
    allowedTags: [...sanitizeHtml.defaults.allowedTags, 'img', 'center', 'font'],
    allowedAttributes: {
      '*': ['style', 'align', 'valign', 'width', 'height', 'bgcolor', 'color', 'dir', 'lang'],
      a: ['href', 'title'],
      img: ['src', 'alt', 'width', 'height'],
    },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
  })
