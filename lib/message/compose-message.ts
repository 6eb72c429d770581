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
  headers?: [name: string, value: string][]
}

/** The bytes of a message. The same letter always gives the same bytes. BCC recipients stand in the envelope only. */
export function composeMessage({ from, replyTo, rfcMessageId, html, attachments = [], headers = [], ...letter }: Letter): Promise<Buffer> {
  const composer = new MailComposer({
    ...letter,
    from,
    replyTo: replyTo ?? undefined,
    html: html ?? undefined,
    attachments: attachments.map(({ filename, ...attachment }) => ({ ...attachment, filename: filename ?? false })),
    messageId: `<${rfcMessageId}>`,
    headers: headers.map(([key, value]) => ({ key, value })),
    baseBoundary: rfcMessageId.split('@')[0], // by itself it would be a random one
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'windows',
  } as ConstructorParameters<typeof MailComposer>[0])
  return composer.compile().build()
}
