import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type MessageRows, storeMessages } from './store-messages'

type Waiting = { rows: MessageRows[]; resolve: () => void; reject: (error: unknown) => void }
type Intake = { waiting: Waiting[]; isRunning: boolean }

const mostAtOnce = 500 // messages of one commit; a larger batch still goes in whole
const intakes = new WeakMap<Db, Intake>()

/**
 * Stores messages, all of them or none, together with whatever else comes in meanwhile: one commit, and so one wait
 * for the disk, for many. Resolves when they are durable. What cannot be stored takes nobody else with it.
 */
export function acceptMessages(db: Db, rows: MessageRows[]): Promise<void> {
  const intake = intakes.get(db) ?? { waiting: [], isRunning: false }
  intakes.set(db, intake)
  return new Promise((resolve, reject) => {
    intake.waiting.push({ rows, resolve, reject })
    if (intake.isRunning) return
    intake.isRunning = true
    setImmediate(() => void takeIn(db, intake))
  })
}

async function takeIn(db: Db, intake: Intake): Promise<void> {
  while (intake.waiting.length > 0) await store(db, nextGroup(intake))
  intake.isRunning = false
}

function nextGroup({ waiting }: Intake): Waiting[] {
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
    for (const { resolve } of group) resolve()
  } catch (error) {
    const [first] = group
    if (group.length === 1) return first?.reject(error)
    for (const one of group) await store(db, [one]) // one of them is at fault; each for itself then
  }
}
