import type { Db } from '@/db/client'

type Reading<T> = { isUnderWay: boolean; answer: Promise<T>; next: Promise<T> | null }

/**
 * One read for all who ask for the same at the same time; who asks while it is under way shares the next one, which begins
 * when it has ended. Everybody gets an answer that was read after they asked, so nobody sees a setting older than their own question.
 */
export function coalesce<Key extends string[], T>(read: (db: Db, ...key: Key) => Promise<T>): (db: Db, ...key: Key) => Promise<T> {
  const readings = new WeakMap<Db, Map<string, Reading<T>>>()

  return (db, ...key) => {
    const of = readings.get(db) ?? new Map<string, Reading<T>>()
    readings.set(db, of)
    const name = key.join('\0')
    const found = of.get(name)
    if (!found) return begin(of, name, () => read(db, ...key)).answer
    if (!found.isUnderWay) return found.answer
    found.next ??= found.answer.then(
      () => begin(of, name, () => read(db, ...key)).answer,
      () => begin(of, name, () => read(db, ...key)).answer,
    )
    return found.next
  }

  /** Begins when everybody who asks in this round of the event loop has asked. */
  function begin(of: Map<string, Reading<T>>, name: string, run: () => Promise<T>): Reading<T> {
    const reading: Reading<T> = { isUnderWay: false, next: null, answer: undefined as unknown as Promise<T> }
    reading.answer = new Promise<T>((resolve, reject) => {
      setImmediate(() => {
        reading.isUnderWay = true
        run()
          .finally(() => reading.next === null && of.get(name) === reading && of.delete(name))
          .then(resolve, reject)
      })
    })
    of.set(name, reading)
    return reading
  }
}
