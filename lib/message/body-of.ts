import { eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { compiledQuery, isListed, listed } from '@/db/compiled-query'
import { attachments, type Message, messageBodies, messageContents } from '@/db/schema'
import { composeMessage } from './compose-message'
import { contentOfRow, type MessageContent } from './message-content'
import { recipientsOf } from './recipient'

type Written = Pick<Message, 'id' | 'fromName' | 'fromAddress' | 'replyTo' | 'subject' | 'rfcMessageId' | 'queuedAt'>
type Addressed = { field: 'to' | 'cc' | 'bcc'; address: string; messageId: string }

const contentById = compiledQuery(db =>
  db
    .select()
    .from(messageContents)
    .where(eq(messageContents.messageId, sql.placeholder('messageId'))),
)
const contentsByIds = compiledQuery(db => db.select().from(messageContents).where(isListed(messageContents.messageId, 'ids')))
const bodyById = compiledQuery(db =>
  db
    .select()
    .from(messageBodies)
    .where(eq(messageBodies.messageId, sql.placeholder('messageId'))),
)

/**
 * The bytes of a message as they are handed to its server: those it came as, or composed from what was written. They
 * are the same at every attempt, since Message-ID, date and boundaries follow from what was fixed when it was queued.
 * `addressed` and `content`: its recipients and what was written, where they are at hand.
 */
export async function bodyOf(db: Db, message: Written, { addressed, content }: { addressed?: Addressed[]; content?: MessageContent } = {}): Promise<Buffer> {
  const written = content ?? (await findContent(db, message.id))
  if (written) return compose(db, message, written, addressed ?? (await recipientsOf(db, [message.id])))
  const raw = await findRaw(db, message.id)
  if (!raw) throw new Error(`message ${message.id} has no body`)
  return raw
}

/** What was written of messages that are about to leave, by their ids, in one look. Those that came as bytes are not in it. */
export async function contentsByMessage(db: Db, messageIds: string[]): Promise<Map<string, MessageContent>> {
  const found = await contentsByIds(db, { ids: listed(messageIds) })
  return new Map(found.map(row => [row.messageId, contentOfRow(row)]))
}

/** The bytes a message came as; null for one that is composed when it leaves. */
export async function findRaw(db: Db, messageId: string): Promise<Buffer | null> {
  const [body] = await bodyById(db, { messageId })
  return body?.raw ?? null
}

/** What was written; null for a message that came as bytes. */
export async function findContent(db: Db, messageId: string): Promise<MessageContent | null> {
  const [found] = await contentById(db, { messageId })
  return found ? contentOfRow(found) : null
}

async function compose(db: Db, message: Written, content: MessageContent, addressed: Addressed[]): Promise<Buffer> {
  const kept = await contentsOf(db, content)
  const line = (field: Addressed['field']) => addressed.filter(recipient => recipient.field === field).map(({ address }) => address)
  return composeMessage({
    from: { name: message.fromName, address: message.fromAddress },
    replyTo: message.replyTo ?? content.replyTo,
    to: line('to'),
    cc: line('cc'),
    subject: message.subject,
    text: content.text,
    html: content.html ?? undefined,
    headers: content.headers,
    attachments: content.attachments.map(({ id, sizeBytes, ...attachment }) => ({ ...attachment, content: kept.get(id) ?? missing(message.id, id) })),
    rfcMessageId: message.rfcMessageId,
    date: message.queuedAt,
  })
}

/** What a message carries, by the id its content names it with. */
export async function contentsOf(db: Db, content: MessageContent): Promise<Map<string, Buffer>> {
  const ids = [...new Set(content.attachments.map(({ id }) => id))]
  if (ids.length === 0) return new Map()
  const rows = await db.select({ id: attachments.id, content: attachments.content }).from(attachments).where(inArray(attachments.id, ids))
  return new Map(rows.map(row => [row.id, row.content]))
}

function missing(messageId: string, id: string): never {
  throw new Error(`message ${messageId} carries ${id}, which is not kept`)
}
