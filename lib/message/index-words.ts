import { setImmediate as soon, setTimeout as wait } from 'node:timers/promises'
import { and, asc, eq, gt, isNull, lt } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { installations, messages } from '@/db/schema'
import { addWords } from '@/db/word-index'
import { after, now, seconds } from '@/lib/clock'
import { firstIdAt } from '@/lib/id'
import { log } from '@/lib/log'

const atOnce = 500
const lagMs = seconds(60) // ids begin with the time: by then whatever was given an id has been stored, or never will be

/** Keeps the index of words up to a minute ago, until the signal. Any number of engines may: each batch is written by one. */
export async function runWordIndex(db: Db, { signal }: { signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    let count = 0
    try {
      count = await indexWords(db)
    } catch (error) {
      log.error({ event: 'wordIndex', err: error }, 'the words of messages could not be indexed')
    }
    if (count === atOnce) await soon()
    else await wait(seconds(5), undefined, { signal }).catch(() => undefined)
  }
}

/** Adds one batch to the index. Gives how many messages. */
export async function indexWords(db: Db): Promise<number> {
  const [installation] = await db.select({ indexedTo: installations.indexedTo }).from(installations).where(eq(installations.id, 'this'))
  if (!installation) return 0
  const { indexedTo } = installation
  const next = await db
    .select({ id: messages.id })
    .from(messages)
    .where(and(gt(messages.id, indexedTo ?? ''), lt(messages.id, firstIdAt(after(now(), -lagMs)))))
    .orderBy(asc(messages.id))
    .limit(atOnce)
  const to = next.at(-1)?.id
  if (to === undefined) return 0
  const isAsRead = indexedTo === null ? isNull(installations.indexedTo) : eq(installations.indexedTo, indexedTo)
  try {
    await atomically(db, tx => [
      must(
        tx
          .update(installations)
          .set({ indexedTo: to })
          .where(and(eq(installations.id, 'this'), isAsRead))
          .returning({ id: installations.id }),
      ),
      addWords({ after: indexedTo ?? '', to }),
    ])
  } catch (error) {
    if (error instanceof NothingMatched) return 0 // another engine was faster
    throw error
  }
  return next.length
}
