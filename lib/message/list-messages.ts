import { and, count, desc, eq, gte, inArray, like, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { accounts, cards, type Message, type MessageState, messageStates, messages, type Recipient } from '@/db/schema'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { after, days as daysMs, now } from '@/lib/clock'
import { env } from '@/lib/env'
import { visibleTo } from './message-scope'
import { mayCancel, mayRetry, mostCounted } from './message-state'
import { recipientsOf } from './recipient'

export type MessageFilter = { state?: MessageState; search?: string; code?: string; days?: number; before?: string; limit: number }

export type MessageRow = Pick<
  Message,
  | 'id'
  | 'state'
  | 'waitingFor'
  | 'kind'
  | 'subject'
  | 'fromName'
  | 'fromAddress'
  | 'attemptCount'
  | 'queuedAt'
  | 'dueAt'
  | 'endedAt'
  | 'sizeBytes'
  | 'redirectedTo'
  | 'resendOf'
> & {
  code: string
  host: string
  recipients: Pick<Recipient, 'address' | 'field' | 'state' | 'replyCode' | 'enhancedStatus' | 'replyText'>[]
  mayRetry: boolean
  mayCancel: boolean
}

/** A page of the outbox, newest first, with the counts of every state under the same filters. */
export async function listMessages(
  db: Db,
  actor: Actor,
  filter: MessageFilter,
): Promise<{ rows: MessageRow[]; counts: StateCounts; areCountsLeast: boolean; nextBefore: string | null }> {
  const scope = and(visibleTo(actor), matching(filter), await ofCard(db, actor, filter.code))
  const found = await db
    .select({ message: messages, code: cards.code, host: accounts.host })
    .from(messages)
    .innerJoin(cards, eq(cards.id, messages.cardId))
    .innerJoin(accounts, eq(accounts.id, messages.accountId))
    .where(and(scope, filter.state ? eq(messages.state, filter.state) : undefined, beyond(filter.before)))
    .orderBy(desc(messages.queuedAt), desc(messages.id))
    .limit(filter.limit + 1)
  const page = found.slice(0, filter.limit)
  const addressed =
    page.length > 0
      ? await recipientsOf(
          db,
          page.map(({ message }) => message.id),
        )
      : []
  const rows = page.map(({ message, code, host }) => ({
    ...message,
    code,
    host: host ?? env.platform.relay.host,
    recipients: addressed.filter(({ messageId }) => messageId === message.id),
    mayRetry: mayRetry(message),
    mayCancel: mayCancel(message),
  }))
  const last = page.at(-1)?.message
  const isComplete = found.length <= filter.limit && !filter.state && !filter.before
  const isWhole = isAdmin(actor) && !filter.search && !filter.code
  const counts = isComplete ? countedOf(rows) : await (isWhole ? countEach(db, scope) : countNewest(db, scope))
  const areCountsLeast = !isComplete && !isWhole && counts.all > mostCounted
  return { rows, counts, areCountsLeast, nextBefore: last && found.length > filter.limit ? `${last.queuedAt.getTime()}.${last.id}` : null }
}

/** Messages that wait or whose fate is unknown, no further than `mostCounted`: the number beside the menu. */
export async function countWaiting(db: Db, actor: Actor): Promise<number> {
  const few = db
    .select({ one: sql<number>`1`.as('one') })
    .from(messages)
    .where(and(visibleTo(actor), inArray(messages.state, ['waiting', 'unknown'])))
    .limit(mostCounted + 1)
    .as('few')
  const [found] = await db.select({ count: count() }).from(few)
  return Number(found?.count ?? 0)
}

function matching({ search = '', days }: MessageFilter) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)
  return and(
    ...words.map(word => like(messages.search, sql`${`%${word.replace(/[\\%_]/g, '\\$&')}%`} escape '\\'`)),
    days ? gte(messages.queuedAt, after(now(), -daysMs(days))) : undefined,
  )
}

/** By its id, so that the index of a card's messages serves; a code nobody has finds nothing. */
async function ofCard(db: Db, { tenantId }: Actor, code: string | undefined) {
  if (!code) return undefined
  const named = and(eq(cards.tenantId, tenantId), eq(cards.code, code.trim().toUpperCase()))
  const [card] = await db.select({ id: cards.id }).from(cards).where(named)
  return eq(messages.cardId, card?.id ?? '')
}

/** Keyset: everything older than the last row seen. A cursor nobody made is no cursor. */
function beyond(before: string | undefined) {
  const [milliseconds = '', id = ''] = before?.split('.') ?? []
  const instant = new Date(Number(milliseconds))
  if (!id || Number.isNaN(instant.getTime())) return undefined
  return or(lt(messages.queuedAt, instant), and(eq(messages.queuedAt, instant), lt(messages.id, id)))
}

/** How many there are of each state, counted no further than `mostCounted`: a million are not counted to draw a page. */
export type StateCounts = Record<MessageState | 'all', number>

/** Each state for itself, by its index. */
async function countEach(db: Db, scope: SQL | undefined): Promise<StateCounts> {
  const each = messageStates.map(async state => {
    const few = db
      .select({ one: sql<number>`1`.as('one') })
      .from(messages)
      .where(and(scope, eq(messages.state, state)))
      .limit(mostCounted + 1)
      .as('few')
    const [found] = await db.select({ count: count() }).from(few)
    return { state, count: Number(found?.count ?? 0) }
  })
  return summed(await Promise.all(each))
}

/** The newest that match. When there are more, every count is one of at least so many. */
async function countNewest(db: Db, scope: SQL | undefined): Promise<StateCounts> {
  const newest = db
    .select({ state: messages.state })
    .from(messages)
    .where(scope)
    .orderBy(desc(messages.queuedAt), desc(messages.id))
    .limit(mostCounted + 1)
    .as('newest')
  const found = await db.select({ state: newest.state, count: count() }).from(newest).groupBy(newest.state)
  return summed(found.map(({ state, count }) => ({ state, count: Number(count) })))
}

const countedOf = (rows: { state: MessageState }[]) => summed(messageStates.map(state => ({ state, count: rows.filter(row => row.state === state).length })))

function summed(found: { state: MessageState; count: number }[]): StateCounts {
  const counts = Object.fromEntries(messageStates.map(state => [state, found.find(row => row.state === state)?.count ?? 0])) as Record<MessageState, number>
  return { ...counts, all: Object.values(counts).reduce((sum, one) => sum + one, 0) }
}
