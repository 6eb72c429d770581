import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { Gatherer } from '@/lib/gatherer'
import { messagesQueued } from '@/lib/metrics'
import { type StoredMessage, storeMessages } from './store-messages'

/** How a message came in: handed in by a program over HTTP or SMTP, or made here. */
type CameBy = 'http' | 'smtp' | 'app'
type Waiting = { rows: StoredMessage[]; by: CameBy; resolve: () => void; reject: (error: unknown) => void }

/** Messages of one write, and writes under way: one is carried out while the next is described. A larger batch still goes in whole. */
const [mostAtOnce, lanes] = [200, 4]

const intakes = new WeakMap<Db, Gatherer<Waiting>>()

/**
 * Stores messages, all of them or none, together with whatever else comes in meanwhile: one commit, and so one wait
 * for the disk, for many. Resolves when they are durable. What cannot be stored takes nobody else with it.
 */
export function acceptMessages(db: Db, rows: StoredMessage[], by: CameBy): Promise<void> {
  const intake = intakes.get(db) ?? new Gatherer<Waiting>(group => store(db, group), nextGroup, lanes)
  intakes.set(db, intake)
  return new Promise((resolve, reject) => intake.add({ rows, by, resolve, reject }))
}

function nextGroup(waiting: Waiting[]): Waiting[] {
  let size = waiting[0]?.rows.length ?? 0
  let end = 1
  for (; end < waiting.length; end++) {
    size += waiting[end]?.rows.length ?? 0
    if (size > mostAtOnce) break
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
    noteQueued(group)
    for (const { resolve } of group) resolve()
  } catch (error) {
    const [first] = group
    if (group.length === 1) return first?.reject(error)
    for (const one of group) await store(db, [one]) // one of them is at fault; each for itself then
  }
}

/** Once for each way, however many there are: a labelled count costs as much as it takes to name it. */
function noteQueued(group: Waiting[]): void {
  const counts: Partial<Record<CameBy, number>> = {}
  for (const { rows, by } of group) counts[by] = (counts[by] ?? 0) + rows.length
  for (const [way, count] of Object.entries(counts)) messagesQueued.inc({ way }, count)
}
