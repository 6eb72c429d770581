import { setImmediate as soon } from 'node:timers/promises'
import { eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Message, messageBodies, messageContents } from '@/db/schema'
import { env } from '@/lib/env'
import { headerFieldsOf } from './raw-header'
import { addressesIn, onlyMailboxOf } from './raw-mailbox'

const looked = 32 * 1024 // bytes of a message that came as bytes: its header, or all of it that matters here

/** Where answers to messages go as their readers see it, by id: whom the route names, else whom the program named; null: to From. */
export async function replyTosOf(db: Db, messages: Pick<Message, 'id' | 'replyTo'>[]): Promise<Map<string, string | null>> {
  const found = new Map(messages.map(({ id, replyTo }) => [id, replyTo]))
  const open = messages.filter(({ replyTo }) => replyTo === null).map(({ id }) => id)
  if (open.length === 0) return found
  const written = await db.select({ id: messageContents.messageId, replyTo: namedIn }).from(messageContents).where(inArray(messageContents.messageId, open))
  for (const { id, replyTo } of written) found.set(id, replyTo)
  const isWritten = new Set(written.map(({ id }) => id))
  for (const id of open.filter(id => !isWritten.has(id))) {
    const [body] = await db.select({ head }).from(messageBodies).where(eq(messageBodies.messageId, id))
    if (body) found.set(id, namedInHeader(body.head))
    await soon() // SQLite reads all of a body for its beginning: 40 MB take a while, and others have their turn between two
  }
  return found
}

const head = sql`substr(${messageBodies.raw}, 1, ${sql.raw(String(looked))})`.mapWith(messageBodies.raw)

const namedIn =
  env.database.dialect === 'postgres'
    ? sql<string | null>`${messageContents.content}::json ->> 'replyTo'`
    : sql<string | null>`json_extract(${messageContents.content}, '$.replyTo')`

function namedInHeader(head: Buffer): string | null {
  const value = headerFieldsOf(head).find(({ name }) => name === 'reply-to')?.value
  return value ? (onlyMailboxOf(value)?.address ?? addressesIn(value).join(', ')) || null : null
}
