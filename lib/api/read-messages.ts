import { and, asc, desc, eq, gte, inArray, lt, type SQL } from 'drizzle-orm'
import type { z } from 'zod'
import type { Db } from '@/db/client'
import { type Attempt, attempts, cards, messages, type Recipient } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { explainAttempt } from '@/lib/diagnosis/explain-failure'
import { Refusal } from '@/lib/errors'
import { isId } from '@/lib/id'
import { inHandOf, isSeenAs, type Seen, seen } from '@/lib/message/in-hand'
import { ofCard } from '@/lib/message/message-scope'
import { staysWhileHeld } from '@/lib/message/message-state'
import { beyond, cursorAfter } from '@/lib/message/page-cursor'
import { recipientsOf } from '@/lib/message/recipient'
import { isTextRemoved } from '@/lib/message/remove-texts'
import { replyTosOf } from '@/lib/message/reply-to'
import { planSearch, takeFrom } from '@/lib/message/search'
import { countSearch } from '@/lib/message/search-limit'
import { isHeld } from '@/lib/outbox/hold'
import type { fullMessageAnswer, ListQuery, listAnswer, messageAnswer } from './answer-schema'
import type { KeyHolder } from './find-api-key'

type MessageAnswer = z.output<typeof messageAnswer>

/** The messages a key may know of: of its cards, or of the whole company. */
const known = ({ tenantId, cardIds }: KeyHolder) => and(eq(messages.tenantId, tenantId), cardIds ? inArray(messages.cardId, cardIds) : undefined)

/** A page of messages, newest first. @throws Refusal `tooManyRequests` for too many searches */
export async function listForKey(db: Db, holder: KeyHolder, query: ListQuery): Promise<z.output<typeof listAnswer>> {
  if (query.search) await countSearch(holder)
  const hand = await inHandOf(db, holder.tenantId)
  const scope = and(known(holder), ...matching(query, hand), await ofCard(db, holder.tenantId, query.from_user))
  const search = await planSearch(db, { tenantId: holder.tenantId, typed: query.search ?? '', within: scope })
  const found = await takeFrom(search, query.limit + 1, (where, limit) =>
    db
      .select({ message: messages, code: cards.code })
      .from(messages)
      .innerJoin(cards, eq(cards.id, messages.cardId))
      .where(and(scope, where))
      .orderBy(desc(messages.queuedAt), desc(messages.id))
      .limit(limit),
  )
  const page = found.slice(0, query.limit)
  const ids = page.map(({ message }) => message.id)
  const addressed = ids.length > 0 ? await recipientsOf(db, ids) : []
  const replyTos = await replyTosOf(
    db,
    page.map(({ message }) => message),
  )
  const isAllHeld = await isHeld(db, holder.tenantId)
  const last = page.at(-1)?.message
  return {
    messages: page.map(({ message, code }) =>
      answerOf(seen(message, hand), {
        code,
        replyTo: replyTos.get(message.id) ?? null,
        addressed: addressed.filter(({ messageId }) => messageId === message.id),
        isAllHeld,
      }),
    ),
    next: last && found.length > query.limit ? cursorAfter(last) : null,
  }
}

function matching(query: ListQuery, hand: Set<string>): (SQL | undefined)[] {
  const { status, kind, document_type, document_number, since, until, before } = query
  return [
    status && isSeenAs(status, hand),
    kind && eq(messages.kind, kind),
    document_type !== undefined ? eq(messages.documentType, document_type) : undefined,
    document_number !== undefined ? eq(messages.documentNumber, document_number) : undefined,
    since ? gte(messages.queuedAt, new Date(since)) : undefined,
    until ? lt(messages.queuedAt, new Date(until)) : undefined,
    before === undefined ? undefined : olderThan(before),
  ]
}

/** @throws Refusal `cursorInvalid` for a cursor that no page gave */
function olderThan(before: string): SQL | undefined {
  const older = beyond(before)
  if (older === null) throw new Refusal('cursorInvalid', 'before')
  return older
}

/** @throws Refusal `messageNotFound`, also for a message that is not the key's to know of */
export async function getForKey(db: Db, holder: KeyHolder, id: string): Promise<z.output<typeof fullMessageAnswer>> {
  const hand = await inHandOf(db, holder.tenantId)
  const { message, code } = await findOne(db, holder, id)
  const tried = await db.select().from(attempts).where(eq(attempts.messageId, id)).orderBy(asc(attempts.startedAt), asc(attempts.id))
  const replyTos = await replyTosOf(db, [message])
  return {
    ...answerOf(seen(message, hand), {
      code,
      replyTo: replyTos.get(id) ?? null,
      addressed: await recipientsOf(db, [id]),
      isAllHeld: await isHeld(db, message.tenantId),
    }),
    text_removed: await isTextRemoved(db, id),
    attempts: tried.map(attemptOf),
  }
}

/** The card of a message, as which the key may act on it. @throws Refusal `messageNotFound` */
export async function actorOfMessage(db: Db, holder: KeyHolder, id: string): Promise<Actor> {
  const { message, code, loginId } = await findOne(db, holder, id)
  return { tenantId: message.tenantId, cardId: message.cardId, code, loginId, role: 'user' }
}

async function findOne(db: Db, holder: KeyHolder, id: string) {
  if (!isId(id)) throw new Refusal('messageNotFound')
  const [found] = await db
    .select({ message: messages, code: cards.code, loginId: cards.loginId })
    .from(messages)
    .innerJoin(cards, eq(cards.id, messages.cardId))
    .where(and(known(holder), eq(messages.id, id)))
  if (!found) throw new Refusal('messageNotFound')
  return found
}

type Beside = { code: string; replyTo: string | null; addressed: Recipient[]; isAllHeld: boolean }

function answerOf(message: Seen, { code, replyTo, addressed, isAllHeld }: Beside): MessageAnswer {
  const { documentType, documentNumber } = message
  return {
    id: message.id,
    status: message.state,
    waiting_for: message.waitingFor,
    held: isAllHeld && staysWhileHeld(message),
    kind: message.kind,
    from_user: code,
    from: { name: message.fromName, address: message.fromAddress },
    reply_to: replyTo,
    envelope_sender: message.envelopeSender,
    message_id: `<${message.rfcMessageId}>`,
    subject: message.subject,
    document: documentType === null && documentNumber === null ? null : { type: documentType, number: documentNumber },
    size_bytes: message.sizeBytes,
    redirected_to: message.redirectedTo,
    resend_of: message.resendOf,
    queued_at: message.queuedAt.toISOString(),
    next_attempt_at: message.dueAt?.toISOString() ?? null,
    expires_at: message.expiresAt.toISOString(),
    ended_at: message.endedAt?.toISOString() ?? null,
    recipients: addressed.map(recipient => ({ field: recipient.field, address: recipient.address, status: recipient.state, reply: replyOf(recipient) })),
  }
}

type Replied = Pick<Recipient, 'replyCode' | 'enhancedStatus' | 'replyText'>
const replyOf = ({ replyCode, enhancedStatus, replyText }: Replied) =>
  replyCode === null ? null : { code: replyCode, enhanced_status: enhancedStatus, text: replyText ?? '' }

function explanationOf(attempt: Attempt) {
  const explained = explainAttempt(attempt)
  return explained && { code: explained.explanation, sure: explained.isSure, retry: explained.retry }
}

const attemptOf = (attempt: Attempt) => ({
  started_at: attempt.startedAt.toISOString(),
  ended_at: attempt.endedAt?.toISOString() ?? null,
  outcome: attempt.outcome,
  phase: attempt.phase,
  reply: replyOf(attempt),
  error: attempt.errorCode,
  explanation: explanationOf(attempt),
  server: attempt.serverAddress,
  tls: attempt.tls,
  duration_ms: attempt.durationMs,
})
