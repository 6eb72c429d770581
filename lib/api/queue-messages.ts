import { and, eq, inArray } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { messages } from '@/db/schema'
import { coalesce } from '@/lib/coalesce'
import { Refusal } from '@/lib/errors'
import { acceptMessages } from '@/lib/message/accept-messages'
import { findWay } from '@/lib/message/find-way'
import { type MessageInput, type PreparedMessage, queueAt, writeMessage } from '@/lib/message/prepare-message'
import { parseRequest } from './api-error'
import { usualContentType } from './attachment-schema'
import { actorOfKey, assertMaySend, type KeyHolder } from './find-api-key'
import { batchSchema, type MessageRequest, messageSchema, mostInBatch, usualKind } from './message-schema'

/** What a program gave with its request so that a repeated one queues nothing twice. `name` tells one message from a batch. */
export type Idempotency = { name: string; requestHash: string }

/** Visible ASCII. */
export const idempotencyKeyPattern = /^[!-~]{1,200}$/

/** One message or a batch of them, as JSON and not looked at yet. */
type HandedIn = { body: unknown; isBatch: boolean; idempotency: Idempotency | null }

/**
 * Queues what a program hands in, all of it or nothing, by the routes that hold now. Gives the ids, those of the first
 * time when the same request comes again: that is found out before anything of it is judged, since what was right then may
 * be too late by now.
 * @throws Refusal `idempotencyKeyReused` for another request under the same key; those of the key, the card and the message
 */
export async function queueMessages(db: Db, holder: KeyHolder, handedIn: HandedIn): Promise<string[]> {
  assertMaySend(holder)
  const { body, isBatch, idempotency } = handedIn
  const earlier = await findEarlier(db, holder, handedIn)
  if (earlier) return earlier
  const keys = keysOf(handedIn)
  const requests = isBatch ? parseRequest(batchSchema, body).messages : [parseRequest(messageSchema, body)]
  const prepared = await Promise.all(
    requests.map((request, i) =>
      at(isBatch ? i : null, () => prepare(db, holder, request, { idempotencyKey: keys[i], requestHash: idempotency?.requestHash })),
    ),
  )
  try {
    await acceptMessages(db, prepared, 'http')
  } catch (error) {
    const other = await findEarlier(db, holder, handedIn) // the same request came in twice at once
    if (other) return other
    throw error
  }
  return prepared.map(({ id }) => id)
}

/** Of the company, not of the API key: a program whose API key is replaced must not send twice. */
function keysOf({ body, isBatch, idempotency }: HandedIn): string[] {
  if (!idempotency) return []
  if (!isBatch) return [idempotency.name]
  const { messages: listed } = Object(body) as { messages?: unknown }
  if (!Array.isArray(listed) || listed.length > mostInBatch) return [] // it cannot have been queued
  return listed.map((_, i) => `${idempotency.name}:${i}`)
}

/** A refusal of one message of a batch says which. */
async function at<T>(index: number | null, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (index === null || !(error instanceof Refusal)) throw error
    throw error.at(error.field ? `messages[${index}].${error.field}` : `messages[${index}]`)
  }
}

async function prepare(
  db: Db,
  holder: KeyHolder,
  request: MessageRequest,
  once: Pick<MessageInput, 'idempotencyKey' | 'requestHash'>,
): Promise<PreparedMessage> {
  const { cardId } = await actorFor(db, holder, request.from_user)
  const { route, account } = await findWay(db, holder.tenantId, cardId)
  return queueAt(writeMessage(route, inputOf(request, once)), account)
}

const actorsOf = coalesce((db, key: string, code: string) => actorOfKey(db, JSON.parse(key) as KeyHolder, code))
const written = new WeakMap<KeyHolder, string>() // many requests come with the same

function textOf(holder: KeyHolder): string {
  const text = written.get(holder) ?? JSON.stringify(holder)
  written.set(holder, text)
  return text
}

async function actorFor(db: Db, holder: KeyHolder, code: string) {
  try {
    return await actorsOf(db, textOf(holder), code)
  } catch (error) {
    throw error instanceof Refusal ? error.at('from_user') : error
  }
}

function inputOf(request: MessageRequest, { idempotencyKey, requestHash }: Pick<MessageInput, 'idempotencyKey' | 'requestHash'>): MessageInput {
  const { to, cc, bcc, reply_to, subject, text, html, headers, attachments, kind, document, send_at, expires_at } = request
  return {
    idempotencyKey,
    requestHash,
    to: to ?? [],
    cc: cc ?? [],
    bcc: bcc ?? [],
    replyTo: reply_to ?? undefined,
    subject,
    text: text ?? '',
    html: html ?? undefined,
    headers: headers ?? {},
    kind: kind ?? usualKind,
    attachments: (attachments ?? []).map(attachmentOf),
    document: document ? { type: document.type ?? null, number: document.number ?? null } : undefined,
    sendAt: send_at ?? undefined,
    expiresAt: expires_at ?? undefined,
  }
}

const attachmentOf = ({ filename, content, content_type, content_id }: NonNullable<MessageRequest['attachments']>[number]) => ({
  filename,
  content,
  contentType: content_type ?? usualContentType,
  cid: content_id ?? undefined,
})

/** The ids that the same request got before, as long as its messages are kept, whatever became of their cards since. */
async function findEarlier(db: Db, holder: KeyHolder, handedIn: HandedIn): Promise<string[] | null> {
  const { isBatch, idempotency } = handedIn
  const keys = keysOf(handedIn)
  if (keys.length === 0) return null
  const found = await db
    .select({ id: messages.id, cardId: messages.cardId, key: messages.idempotencyKey, requestHash: messages.requestHash })
    .from(messages)
    .where(and(eq(messages.tenantId, holder.tenantId), inArray(messages.idempotencyKey, keys)))
  if (found.length === 0) return null
  const same = keys.map(key => found.find(message => message.key === key && message.requestHash === idempotency?.requestHash))
  if (!same.every(message => message !== undefined)) throw new Refusal('idempotencyKeyReused')
  const foreign = same.findIndex(({ cardId }) => holder.cardIds && !holder.cardIds.includes(cardId))
  if (foreign >= 0) throw new Refusal('keyNotForCard', isBatch ? `messages[${foreign}].from_user` : 'from_user')
  return same.map(({ id }) => id)
}
