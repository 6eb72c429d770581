import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { env } from '@/lib/env'
import { Gatherer } from '@/lib/gatherer'
import { type MessageRows, storeMessages } from './store-messages'

type Waiting = { rows: MessageRows[]; resolve: () => void; reject: (error: unknown) => void }

/**
 * Messages of one write, and writes under way; a larger batch still goes in whole. SQLite's commits are shared by the thread that
 * writes, which works on one portion while the next is described here; on PostgreSQL each write is a transaction, and dear.
 */
const portions = env.database.dialect === 'sqlite' ? { mostAtOnce: 50, lanes: 4 } : { mostAtOnce: 500, lanes: 1 }

const intakes = new WeakMap<Db, Gatherer<Waiting>>()

/**
 * Stores messages, all of them or none, together with whatever else comes in meanwhile: one commit, and so one wait
 * for the disk, for many. Resolves when they are durable. What cannot be stored takes nobody else with it.
 */
export function acceptMessages(db: Db, rows: MessageRows[]): Promise<void> {
  const intake = intakes.get(db) ?? new Gatherer<Waiting>(group => store(db, group), nextGroup, portions.lanes)
  intakes.set(db, intake)
  return new Promise((resolve, reject) => intake.add({ rows, resolve, reject }))
}

function nextGroup(waiting: Waiting[]): Waiting[] {
  let size = waiting[0]?.rows.length ?? 0
  let end = 1
  for (; end < waiting.length; end++) {
    size += waiting[end]?.rows.length ?? 0
    if (size > portions.mostAtOnce) break
  }
  return waiting.splice(0, end)
}

async function store(db: Db, group: Waiting[]): Promise<void> {
  try {
    await atomically(db, tx =>
      storeMessages(
        tx,
        group.flatMap(({ rows }) => rows),
      ),
    )
    for (const { resolve } of group) resolve()
  } catch (error) {
    const [first] = group
    if (group.length === 1) return first?.reject(error)
    for (const one of group) await store(db, [one]) // one of them is at fault; each for itself then
  }
}
