import { once } from 'node:events'

/** Tells the supervisor, if there is one, that this process does its work from now on. */
export function announceReady(facts: Record<string, unknown> = {}): void {
  process.send?.({ ready: true, ...facts })
}

/** Under a supervisor: returns when it says that the database is up to date. Alone: at once. */
export async function untilPrepared(): Promise<void> {
  if (process.send) await once(process, 'message')
}

/** Runs `stop` once at Ctrl-C, at SIGTERM, and when the supervisor is gone; then ends the process. */
export function onStop(stop: () => Promise<void>): void {
  let isStopping = false
  const end = async () => {
    if (isStopping) return
    isStopping = true
    try {
      await stop()
      process.exit(0)
    } catch (error) {
      console.error(error)
      process.exit(1)
    }
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  if (process.send) process.on('disconnect', end)
}
