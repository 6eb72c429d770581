import { and, count, desc, eq, gte, like, lt, min, type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { installations, messages } from '@/db/schema'
import { findByWord, isOneOf } from '@/db/word-index'
import { timeOfId } from '@/lib/id'
import { searchedWords } from './search-text'

const lookedThrough = 5_000
const counted = 2000 // of the index at once, to count them
const times = 8 // as many in the next part

/** A condition on messages, all of them older than those of the part before. */
type SearchPart = { where: SQL | undefined; isLast: boolean }

/** `fewest`: how many of the index make the first part of it. */
export type Search = { parts(fewest?: number): AsyncIterable<SearchPart> }

type Wanted = { tenantId: string; typed: string; within: SQL | undefined }

/**
 * How to find, newest first, the messages within a condition that have all words typed, each from a beginning on. A word of many
 * messages is met soon by looking through the newest, row by row; one of few is found in the index. So the newest are looked
 * through, and all that the index does not know yet; of the rest the index gives those with the rarest of the words.
 */
export async function planSearch(db: Db, { tenantId, typed, within }: Wanted): Promise<Search> {
  const words = searchedWords(typed)
  if (words.length === 0 && typed.trim()) return { parts: once({ where: sql`1 = 0`, isLast: true }) } // signs alone: no message begins with them
  const all = and(...words.map(contains))
  const late = words.length > 0 ? await lookAtNewest(db, words, within) : null
  if (!late) return { parts: once({ where: all, isLast: true }) }
  return {
    async *parts(fewest = counted) {
      yield { where: and(all, gte(messages.queuedAt, late.since)), isLast: false }
      let [before, limit]: [string | null, number] = [null, fewest]
      for (let isLast = false; !isLast; limit *= times) {
        const ids: string[] = await findByWord(db, { tenantId, word: late.rarest, before, limit })
        isLast = ids.length < limit
        before = ids.at(-1) ?? null
        yield { where: and(all, lt(messages.queuedAt, late.since), isOneOf(messages.id, ids)), isLast }
      }
    },
  }
}

/** So many of what is searched, part after part. Of the index only some more are asked for: to read whole rows of two thousand takes a while. */
export async function takeFrom<T>(search: Search, limit: number, find: (where: SQL | undefined, limit: number) => Promise<T[]>): Promise<T[]> {
  const found: T[] = []
  for await (const { where } of search.parts(limit * 4)) {
    found.push(...(await find(where, limit - found.length)))
    if (found.length >= limit) break
  }
  return found
}

const once = (part: SearchPart) =>
  async function* () {
    yield part
  }

const contains = (word: string) => like(messages.search, sql`${pattern(word)} escape '\\'`)
const pattern = (word: string) => `% ${word.replace(/[\\%_]/g, '\\$&')}%`

/** Since when the newest are looked through, and which word is the rarest among them; null: there are no others, or no index. */
async function lookAtNewest(db: Db, words: string[], within: SQL | undefined): Promise<{ since: Date; rarest: string } | null> {
  const [installation] = await db.select({ indexedTo: installations.indexedTo }).from(installations).where(eq(installations.id, 'this'))
  if (!installation?.indexedTo) return null
  const newest = db
    .select({ queuedAt: messages.queuedAt, search: messages.search })
    .from(messages)
    .where(within)
    .orderBy(desc(messages.queuedAt), desc(messages.id))
    .limit(lookedThrough)
    .as('newest')
  const counts = Object.fromEntries(
    words.map((word, i) => [i, sql<number>`count(*) filter (where ${newest.search} like ${pattern(word)} escape '\\')`.mapWith(Number)]),
  )
  const [found] = await db.select({ since: min(newest.queuedAt), count: count(), ...counts }).from(newest)
  if (!found?.since || Number(found.count) < lookedThrough) return null
  const each = found as unknown as Record<string, number>
  const [rarest = ''] = words
    .map((word, i) => ({ word, count: each[i] ?? 0 }))
    .sort((one, other) => one.count - other.count || other.word.length - one.word.length)
    .map(({ word }) => word)
  const indexedTo = timeOfId(installation.indexedTo)
  return { since: indexedTo < found.since ? indexedTo : found.since, rarest }
}
