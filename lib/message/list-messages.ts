import { and, count, desc, eq, gte, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { accounts, cards, type Message, type MessageState, messages, type Recipient } from '@/db/schema'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { after, days as daysMs, now } from '@/lib/clock'
import { env } from '@/lib/env'
import { isHeld } from '@/lib/outbox/hold'
import { inHandOf, isSeenAs, type Seen, seen, seenState } from './in-hand'
import { ofCard, visibleTo } from './message-scope'
import { mayCancel, mayLeave, mayRetry, messageStates, mostCounted, staysWhileHeld } from './message-state'
import { beyond, cursorAfter } from './page-cursor'
import { recipientsOf } from './recipient'
import { planSearch, type Search, takeFrom } from './search'
import { countSearch } from './search-limit'

export type MessageFilter = { state?: MessageState; search?: string; code?: string; days?: number; before?: string; limit: number }

export type MessageRow = Pick<
  Seen,
  | 'id'
  | 'state'
  | 'waitingFor'
  | 'kind'
  | 'subject'
  | 'fromName'
  | 'fromAddress'
  | 'attemptCount'
  | 'queuedAt'
  | 'sendAt'
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
  mayLeave: boolean
  isHeld: boolean // it stays: the company's mail is held, or everybody's
}

export type MessagePage = Counted & { rows: MessageRow[]; nextBefore: string | null }

/** A page of the outbox, newest first, with the counts of every state under the same filters. @throws Refusal `tooManyRequests` for too many searches */
export async function listMessages(db: Db, actor: Actor, filter: MessageFilter): Promise<MessagePage> {
  if (filter.search) await countSearch(actor)
  const scope = and(visibleTo(actor), lately(filter.days), await ofCard(db, actor.tenantId, filter.code))
  const hand = await inHandOf(db, actor.tenantId)
  const pageScope = and(scope, filter.state ? isSeenAs(filter.state, hand) : undefined, beyond(filter.before ?? '') ?? undefined)
  const searched = { tenantId: actor.tenantId, typed: filter.search ?? '' }
  const search = await planSearch(db, { ...searched, within: pageScope })
  const found = await findNewest(db, search, { scope: pageScope, limit: filter.limit + 1 })
  const rows = await rowsOf(
    db,
    actor,
    found.slice(0, filter.limit).map(one => ({ ...one, message: seen(one.message, hand) })),
  )
  const last = rows.at(-1)
  const hasMore = found.length > filter.limit
  const nextBefore = last && hasMore ? cursorAfter(last) : null
  const isFirst = !filter.state && !filter.before
  if (isFirst && !hasMore) return { rows, counts: countedOf(rows), areCountsLeast: false, nextBefore }
  const isWhole = isAdmin(actor) && !filter.search && !filter.code
  if (isWhole) return { rows, counts: await countEach(db, scope, hand), areCountsLeast: false, nextBefore }
  return { rows, ...(await countNewest(db, { scope, hand }, isFirst ? search : await planSearch(db, { ...searched, within: scope }))), nextBefore }
}

type Found = { message: Message; code: string; host: string | null }

const findNewest = (db: Db, search: Search, { scope, limit }: { scope: SQL | undefined; limit: number }): Promise<Found[]> =>
  takeFrom(search, limit, (where, most) =>
    db
      .select({ message: messages, code: cards.code, host: accounts.host })
      .from(messages)
      .innerJoin(cards, eq(cards.id, messages.cardId))
      .innerJoin(accounts, eq(accounts.id, messages.accountId))
      .where(and(scope, where))
      .orderBy(desc(messages.queuedAt), desc(messages.id))
      .limit(most),
  )

async function rowsOf(db: Db, { tenantId }: Actor, found: (Omit<Found, 'message'> & { message: Seen })[]): Promise<MessageRow[]> {
  const ids = found.map(({ message }) => message.id)
  const addressed = ids.length > 0 ? await recipientsOf(db, ids) : []
  const isAllHeld = await isHeld(db, tenantId)
  return found.map(({ message, code, host }) => ({
    ...message,
    isHeld: isAllHeld && staysWhileHeld(message),
    code,
    host: host ?? env.platform.relay.host,
    recipients: addressed.filter(({ messageId }) => messageId === message.id),
    mayRetry: mayRetry(message),
    mayCancel: mayCancel(message),
    mayLeave: mayLeave(message),
  }))
}

/** Messages that wait, and unknown ones that wait for a decision, no further than `mostCounted`: the number beside the menu. */
export async function countWaiting(db: Db, actor: Actor): Promise<number> {
  const few = db
    .select({ one: sql<number>`1`.as('one') })
    .from(messages)
    .where(and(visibleTo(actor), or(eq(messages.state, 'waiting'), and(eq(messages.state, 'unknown'), isNull(messages.endedAt)))))
    .limit(mostCounted + 1)
    .as('few')
  const [found] = await db.select({ count: count() }).from(few)
  return Number(found?.count ?? 0)
}

const lately = (days: number | undefined) => (days ? gte(messages.queuedAt, after(now(), -daysMs(days))) : undefined)

/** How many there are of each state, counted no further than `mostCounted`: a million are not counted to draw a page. */
type StateCounts = Record<MessageState | 'all', number>

/** `areCountsLeast`: there may be more of each. */
type Counted = { counts: StateCounts; areCountsLeast: boolean }

/** Each state for itself, by its index. */
async function countEach(db: Db, scope: SQL | undefined, hand: Set<string>): Promise<StateCounts> {
  const each = messageStates.map(async state => {
    const few = db
      .select({ one: sql<number>`1`.as('one') })
      .from(messages)
      .where(and(scope, isSeenAs(state, hand)))
      .limit(mostCounted + 1)
      .as('few')
    const [found] = await db.select({ count: count() }).from(few)
    return { state, count: Number(found?.count ?? 0) }
  })
  return summed(await Promise.all(each))
}

const partsCounted = 2
const manyMet = 200 // then a word is common, and its past is not counted

/** The newest that match, as far as that takes no long search. When there are more, every count is one of at least so many. */
async function countNewest(db: Db, { scope, hand }: { scope: SQL | undefined; hand: Set<string> }, search: Search): Promise<Counted> {
  const found: { state: MessageState; count: number }[] = []
  let [all, looked, isCut] = [0, 0, false]
  for await (const { where, isLast } of search.parts()) {
    const newest = db
      .select({ state: seenState(hand).as('seen') })
      .from(messages)
      .where(and(scope, where))
      .orderBy(desc(messages.queuedAt), desc(messages.id))
      .limit(mostCounted + 1 - all)
      .as('newest')
    for (const { state, count: number } of await db.select({ state: newest.state, count: count() }).from(newest).groupBy(sql`seen`)) {
      found.push({ state, count: Number(number) })
      all += Number(number)
    }
    looked++
    isCut = !isLast && (looked === partsCounted || all >= manyMet)
    if (isCut || all > mostCounted) break
  }
  return { counts: summed(found), areCountsLeast: isCut || all > mostCounted }
}

const countedOf = (rows: { state: MessageState }[]) => summed(messageStates.map(state => ({ state, count: rows.filter(row => row.state === state).length })))

function summed(found: { state: MessageState; count: number }[]): StateCounts {
  const counts = Object.fromEntries(messageStates.map(state => [state, found.reduce((sum, row) => sum + (row.state === state ? row.count : 0), 0)])) as Record<
    MessageState,
    number
  >
  return { ...counts, all: Object.values(counts).reduce((sum, one) => sum + one, 0) }
}
