import { setTimeout as wait } from 'node:timers/promises'
import { isStorageAway } from '@/db/is-storage-away'
import { log } from '@/lib/log'

/** Those who know an outcome try to write it down that often while the database is away. */
export const againMs = 250

/**
 * Reads or writes again for as long as the database is away: what a server has answered is known only here, and a database that
 * is restarted must not turn it into `unknown`. However long that takes, a write under a lease that another engine has by then
 * records nothing. The last write may have been made though its answer was lost: `work` is told when it is made again.
 * @throws what the work throws for another reason, or at `signal`
 */
export async function insist<T>(work: (isAgain: boolean) => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let isAgain = false; ; isAgain = true) {
    try {
      return await work(isAgain)
    } catch (error) {
      if (!isStorageAway(error) || signal.aborted) throw error
      if (!isAgain) log.error({ event: 'storageAway', err: error }, 'the database cannot be used; trying again')
      await wait(againMs, undefined, { signal }).catch(() => undefined)
    }
  }
}
