import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '@/db/client'
import { minutes, seconds } from '@/lib/clock'
import { log } from '@/lib/log'
import { TextRemover } from '@/lib/message/remove-texts'
import { cleanUp } from './clean-up'

/** Removes what is no longer kept, a little at a time, until the signal. Several engines may do it at once. */
export async function runCleanUp(db: Db, { signal }: { signal: AbortSignal }): Promise<void> {
  const remover = new TextRemover()
  while (!signal.aborted) {
    let removed = 0
    try {
      removed = await remover.step(db)
      await cleanUp(db)
      if (removed > 0) log.info({ event: 'textsRemoved', count: removed }, 'texts removed')
    } catch (error) {
      log.error({ event: 'cleanUp', err: error }, 'what is no longer kept could not be removed')
    }
    await wait(removed > 0 ? seconds(1) : minutes(1), undefined, { signal }).catch(() => undefined)
  }
}
