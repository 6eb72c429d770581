import type { Db } from '@/db/client'

type Reading<T> = { beganAt: number | null; isOver: boolean; answer: Promise<T>; next: Promise<T> | null }

const mostKept = 1000
let freshMs = 0

/** What was read that short a time ago is good enough in this process: docs/decisions/settings-are-read-forty-times-a-second.md. */
export function reuseReadings(ms: number): void {
  freshMs = ms
}

/**
 * One read for all who ask for the same at the same time; who asks while it is under way shares the next one, which begins
 * when it has ended. Everybody gets an answer that was read after they asked, so nobody sees a setting older than their own
 * question, or only as much older as `reuseReadings` allows.
 */
export function coalesce<Key extends string[], T>(read: (db: Db, ...key: Key) => Promise<T>): (db: Db, ...key: Key) => Promise<T> {
  const readings = new WeakMap<Db, Map<string, Reading<T>>>()

  return (db, ...key) => {
    const of = readings.get(db) ?? new Map<string, Reading<T>>()
    readings.set(db, of)
    const name = key.join('\0')
    const found = of.get(name)
    const again = () => begin(of, name, () => read(db, ...key))
    if (!found || found.isOver) return found && isFresh(found) ? found.answer : again()
    if (found.beganAt === null || isFresh(found)) return found.answer
    found.next ??= found.answer.then(again, again)
    return found.next
  }

  /** Begins when everybody who asks in this round of the event loop has asked. */
  function begin(of: Map<string, Reading<T>>, name: string, run: () => Promise<T>): Promise<T> {
    const reading: Reading<T> = { beganAt: null, isOver: false, next: null, answer: undefined as unknown as Promise<T> }
    reading.answer = new Promise<T>((resolve, reject) => {
      setImmediate(() => {
        reading.beganAt = performance.now()
        run()
          .catch(error => {
            reading.beganAt = Number.NEGATIVE_INFINITY // a failure is nobody else's
            throw error
          })
          .finally(() => {
            reading.isOver = true
            if (freshMs === 0 && reading.next === null) of.delete(name)
          })
          .then(resolve, reject)
      })
    })
    if (of.size >= mostKept) forgetStale(of)
    of.set(name, reading)
    return reading.answer
  }
}

const isFresh = ({ beganAt }: Reading<unknown>) => beganAt !== null && performance.now() - beganAt < freshMs

function forgetStale(of: Map<string, Reading<unknown>>): void {
  for (const [name, reading] of of) if (reading.isOver && !isFresh(reading)) of.delete(name)
}
