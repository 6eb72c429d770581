import type { Db } from '@/db/client'

/**
 * One read for all who ask for the same at the same time. Everybody gets an answer that was read after they asked, so
 * nobody sees a setting older than their own question.
 */
export function coalesce<Key extends string[], T>(read: (db: Db, ...key: Key) => Promise<T>): (db: Db, ...key: Key) => Promise<T> {
  const gathering = new WeakMap<Db, Map<string, Promise<T>>>()
  return (db, ...key) => {
    const gathered = gathering.get(db) ?? new Map<string, Promise<T>>()
    gathering.set(db, gathered)
    const name = key.join('\0')
    const begun = gathered.get(name)
    if (begun) return begun
    const answer = new Promise<T>((resolve, reject) => {
      setImmediate(() => {
        gathered.delete(name) // who asks from here on waits for the next read
        read(db, ...key).then(resolve, reject)
      })
    })
    gathered.set(name, answer)
    return answer
  }
}
