import type { Db } from '@/db/client'

type Query = PromiseLike<unknown>
type Builder = Record<'from' | 'set', (...values: unknown[]) => Query>

/**
 * The same database, for one whose queries follow each other: just before the `nth` of them, counted from 1, something else `happens`
 * in it. `select` and `update` count, as they are waited for; nothing happens when there are fewer.
 */
export function interrupted(db: Db, nth: number, happens: () => Promise<unknown>): Db {
  let asked = 0
  const watched =
    (begin: (...values: never[]) => unknown, next: keyof Builder) =>
    (...values: never[]) => {
      const builder = begin.apply(db, values) as Builder
      const build = builder[next].bind(builder)
      builder[next] = (...more) => {
        const query = build(...more)
        const ask = query.then.bind(query)
        const wait = async () => {
          if (++asked === nth) await happens()
          return new Promise(ask)
        }
        return Object.assign(query, { then: (...outcome: Parameters<typeof ask>) => wait().then(...outcome) })
      }
      return builder
    }
  return Object.assign(Object.create(db), { select: watched(db.select, 'from'), update: watched(db.update, 'set') })
}
