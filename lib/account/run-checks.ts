import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '@/db/client'
import { seconds } from '@/lib/clock'
import { log } from '@/lib/log'
import type { Platform } from './account-server'
import { checkAccounts } from './check-accounts'

/** The daily checks of accounts, a few at a time, until the signal. Any number of engines may run it. */
export async function runChecks(db: Db, { signal, pollMs = seconds(15), ...platform }: Platform & { signal: AbortSignal; pollMs?: number }): Promise<void> {
  while (!signal.aborted) {
    const checked = await checkAccounts(db, platform, { signal }).catch(error => {
      log.error({ event: 'accountChecks', err: error }, 'accounts could not be checked')
      return 0
    })
    if (checked === 0) await wait(pollMs, undefined, { signal }).catch(() => undefined)
  }
}
