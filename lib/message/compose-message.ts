import MailComposer from 'nodemailer/lib/mail-composer'
import type { Mailbox } from '@/lib/sender/route'
import { type MimeTree, writeOut } from './write-out'
import { undisclosed, writePlain } from './write-plain'

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

const mostAtOnce = 1024 * 1024 // what is larger is written out bit by bit, so that it holds nobody up

/** The bytes of a message. The same letter always gives the same bytes. BCC recipients stand in the envelope only. */
export async function composeMessage(letter: Letter): Promise<Buffer> {
  const size = letter.text.length + (letter.html?.length ?? 0) + (letter.attachments ?? []).reduce((sum, { content }) => sum + content.length, 0)
  if (size > mostAtOnce) return treeOf(letter).build()
  return writePlain(letter) ?? writeOut(treeOf(letter) as unknown as MimeTree)
}

/** The letter as nodemailer's MIME tree. */
export function treeOf({ from, replyTo, rfcMessageId, html, attachments = [], headers = [], ...letter }: Letter) {
  const composer = new MailComposer({
    ...letter,
    from,
    to: letter.to.length + letter.cc.length > 0 ? letter.to : undisclosed,
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
  return composer.compile()
}
