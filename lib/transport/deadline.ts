import { TransportFailure } from './failure'

/** RFC 5321 section 4.5.3.2.6: whoever has said all waits ten minutes for the answer. To hang up earlier and try again makes copies. */
export const usualAnswerMs = 600_000

/** What is left of that once the engine is to stop: most servers that look at what they got before they answer need no longer. */
export const lastAnswerMs = 60_000

/** The time an attempt has: first until all has been said, then until it is answered. */
export class Deadline {
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly onOver: (failure: TransportFailure) => void) {}

  /** From now on; what was set before no longer counts. */
  set(ms: number, failure?: TransportFailure): void {
    this.clear()
    // an error is dear to make, and hardly any message needs one
    this.timer = setTimeout(() => this.onOver(failure ?? new TransportFailure('deadline', `No end in ${Math.round(ms / 1000)} s`)), ms)
  }

  clear(): void {
    clearTimeout(this.timer)
  }
}
