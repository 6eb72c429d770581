import { log } from './log'

let met = 0
let saidAt = 0

/** Logs that the database is away, once in a second with how many have met it since: every request and every message does. */
export function noteStorageAway(error: unknown, where: { requestId: string } | { sessionId: string }): void {
  met++
  if (Date.now() - saidAt < 1000) return
  saidAt = Date.now()
  log.error({ event: 'storageAway', ...where, err: error, refused: met }, 'the database cannot be used')
  met = 0
}
