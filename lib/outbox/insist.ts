import { setTimeout as wait } from 'node:timers/promises'
import { isStorageAway } from '@/db/is-storage-away'
import { log } from '@/lib/log'
import { leaseMs } from './lease'

const againMs = 250

/**
 * Makes a write again for as long as the database is away and a lease may last: what a server has answered is known only here,
 * and a database that is restarted must not turn it into `unknown`. Whoever holds the lease by then decides whether it still counts.
 * The last write may have been made though its answer was lost: `write` is told when it is made again.
 * @throws what the write throws for another reason, when the time is over, or at `signal`
 */
export async function insist<T>(write: (isAgain: boolean) => Promise<T>, signal: AbortSignal): Promise<T> {
  const endsAt = performance.now() + leaseMs
  for (let isAgain = false; ; isAgain = true) {
    try {
      return await write(isAgain)
    } catch (error) {
      if (!isStorageAway(error) || signal.aborted || performance.now() > endsAt) throw error
      if (!isAgain) log.error({ event: 'storageAway', err: error }, 'the database cannot be used; trying again')
      await wait(againMs, undefined, { signal }).catch(() => undefined)
    }
  }
}
