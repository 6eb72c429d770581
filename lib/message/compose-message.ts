import MailComposer from 'nodemailer/lib/mail-composer'
import type { Mailbox } from '@/lib/sender/route'

export type Attachment = { filename: string | null; contentType: string; content: Buffer; cid?: string }

export type Letter = {
  from: Mailbox
  replyTo: string | null
  to: string[]
  cc: string[]
  subject: string
  text: string
  html?: string
  attachments?: Attachment[]
  rfcMessageId: string
  date: Date
  headers?: Record<string, string>
}

/** The bytes of a message, made once: every attempt hands over the same. BCC recipients stand in the envelope only. */
export function composeMessage({ from, replyTo, rfcMessageId, html, attachments = [], headers = {}, ...letter }: Letter): Promise<Buffer> {
  const composer = new MailComposer({
    ...letter,
    from,
    replyTo: replyTo ?? undefined,
    html: html ?? undefined,
    attachments: attachments.map(({ filename, ...attachment }) => ({ ...attachment, filename: filename ?? false })),
    messageId: `<${rfcMessageId}>`,
    headers,
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'windows',
  })
  return composer.compile().build()
}
