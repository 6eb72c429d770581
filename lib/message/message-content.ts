import { createHash } from 'node:crypto'
import type { messageContents } from '@/db/schema'
import type { Attachment } from './compose-message'

/** What was written, as it is kept until it leaves. Addresses are in the recipients, From and Reply-To in the message. */
export type MessageContent = {
  text: string
  html: string | null
  replyTo: string | null // a program's own; where the route sets one, that one is written
  headers: [name: string, value: string][]
  attachments: KeptAttachment[]
}

/** `id` names the content; the same content may hang on a message under two names. `cid`: shown inside the HTML. */
type KeptAttachment = { id: string; filename: string | null; contentType: string; cid?: string; sizeBytes: number }

/** The row it is kept in. */
export const rowOfContent = (messageId: string, { text, html, replyTo, headers, attachments }: MessageContent): typeof messageContents.$inferInsert => ({
  messageId,
  text,
  html,
  content: { replyTo, headers, attachments },
})

/** What `rowOfContent` has kept. */
export function contentOfRow({ text, html, content }: typeof messageContents.$inferSelect): MessageContent {
  const { replyTo, headers, attachments } = content as Omit<MessageContent, 'text' | 'html'>
  return { text, html, replyTo, headers, attachments }
}

/** The same content of the same company is the same attachment, whatever it is called. */
const attachmentId = (tenantId: string, content: Buffer) => `${tenantId}.${createHash('sha256').update(content).digest('base64url')}`

/** What stays with the message of an attachment whose bytes are kept by themselves. */
export const keepAttachment = (tenantId: string, { content, ...attachment }: Attachment): KeptAttachment => ({
  id: attachmentId(tenantId, content),
  ...attachment,
  sizeBytes: content.length,
})

const headerBytes = 1000 // what is around it, about
const inBase64 = (bytes: number) => Math.ceil(bytes / 57) * 78 // lines of 76 characters and their end

/** The size it will have on the wire, within a few per cent: texts as they are, attachments in base64. */
export function estimateBytes({ text, html, attachments }: MessageContent): number {
  const texts = Buffer.byteLength(text) + (html === null ? 0 : Buffer.byteLength(html))
  return headerBytes + Math.ceil(texts * 1.05) + attachments.reduce((sum, { sizeBytes }) => sum + inBase64(sizeBytes) + 300, 0)
}
