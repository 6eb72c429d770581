import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '@/db/client'
import { minutes, seconds } from '@/lib/clock'
import { log } from '@/lib/log'
import { TextRemover } from '@/lib/message/remove-texts'
import { cleanUp } from './clean-up'

const lookRestMs = 100 // a step that only looks costs a few milliseconds

/** Removes what is no longer kept, a little at a time, until the signal. Several engines may do it at once. */
export async function runCleanUp(db: Db, { signal }: { signal: AbortSignal }): Promise<void> {
  const remover = new TextRemover()
  while (!signal.aborted) await wait(await stepOf(db, remover), undefined, { signal }).catch(() => undefined)
}

/** One small step; gives how long to rest after it. */
async function stepOf(db: Db, remover: TextRemover): Promise<number> {
  try {
    const removed = await remover.step(db)
    if (removed > 0) log.info({ event: 'textsRemoved', count: removed }, 'texts removed')
    else if (remover.isUnderWay) return lookRestMs
    const isMoreLeft = await cleanUp(db)
    return removed > 0 || isMoreLeft ? seconds(1) : minutes(1)
  } catch (error) {
    log.error({ event: 'cleanUp', err: error }, 'what is no longer kept could not be removed')
    return minutes(1)
  }
}
