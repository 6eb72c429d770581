let offsetMs = 0

/** The time, as everything in `lib` reads it; tests move it instead of waiting. */
export const now = (): Date => new Date(Date.now() + offsetMs)

/** For tests only: shifts the clock, and gives a function that puts it back. */
export function shiftClock(byMs: number): () => void {
  offsetMs += byMs
  return () => {
    offsetMs -= byMs
  }
}

/** In milliseconds. */
export const seconds = (count: number) => count * 1000
export const minutes = (count: number) => count * 60_000
export const hours = (count: number) => count * 3_600_000
export const days = (count: number) => count * 86_400_000
/** `ms` may be negative. */
export const after = (instant: Date, ms: number) => new Date(instant.getTime() + ms)
