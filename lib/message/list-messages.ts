import { and, count, desc, eq, gte, inArray, like, lt, or, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { accounts, cards, type Message, type MessageState, messageStates, messages, type Recipient } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { after, days as daysMs, now } from '@/lib/clock'
import { env } from '@/lib/env'
import { visibleTo } from './message-scope'
import { mayCancel, mayRetry } from './message-state'
import { recipientsOf } from './recipient'

export type MessageFilter = { state?: MessageState; search?: string; code?: string; days?: number; before?: string; limit: number }

export type MessageRow = Pick<
  Message,
  'id' | 'state' | 'waitingFor' | 'kind' | 'subject' | 'fromName' | 'fromAddress' | 'attemptCount' | 'queuedAt' | 'dueAt' | 'endedAt' | 'sizeBytes'
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
): Promise<{ rows: MessageRow[]; counts: Record<MessageState | 'all', number>; nextBefore: string | null }> {
  const scope = and(visibleTo(actor), matching(filter))
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
  return { rows, counts: await countStates(db, scope), nextBefore: last && found.length > filter.limit ? `${last.queuedAt.getTime()}.${last.id}` : null }
}

/** Messages that wait or whose fate is unknown: the number beside the menu. */
export async function countWaiting(db: Db, actor: Actor): Promise<number> {
  const [found] = await db
    .select({ count: count() })
    .from(messages)
    .where(and(visibleTo(actor), inArray(messages.state, ['waiting', 'unknown'])))
  return Number(found?.count ?? 0)
}

function matching({ search = '', code, days }: MessageFilter) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)
  return and(
    ...words.map(word => like(messages.search, sql`${`%${word.replace(/[\\%_]/g, '\\$&')}%`} escape '\\'`)),
    code ? inArrayOfCode(code) : undefined,
    days ? gte(messages.queuedAt, after(now(), -daysMs(days))) : undefined,
  )
}

const inArrayOfCode = (code: string) =>
  sql`${messages.cardId} in (select ${cards.id} from ${cards} where ${cards.tenantId} = ${messages.tenantId} and ${cards.code} = ${code.trim().toUpperCase()})`

/** Keyset: everything older than the last row seen. A cursor nobody made is no cursor. */
function beyond(before: string | undefined) {
  const [milliseconds = '', id = ''] = before?.split('.') ?? []
  const instant = new Date(Number(milliseconds))
  if (!id || Number.isNaN(instant.getTime())) return undefined
  return or(lt(messages.queuedAt, instant), and(eq(messages.queuedAt, instant), lt(messages.id, id)))
}

async function countStates(db: Db, scope: ReturnType<typeof and>): Promise<Record<MessageState | 'all', number>> {
  const found = await db.select({ state: messages.state, count: count() }).from(messages).where(scope).groupBy(messages.state)
  const counts = Object.fromEntries(messageStates.map(state => [state, Number(found.find(row => row.state === state)?.count ?? 0)])) as Record<
    MessageState,
    number
  >
  return { ...counts, all: Object.values(counts).reduce((sum, one) => sum + one, 0) }
}
