import { sql } from 'drizzle-orm'
import { compiledStep, type Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import { isListed, listed } from '@/db/compiled-query'
import { updateRows } from '@/db/rows'
import { inHand, messages } from '@/db/schema'
import { newId } from '@/lib/id'
import { pendingStates } from '@/lib/message/message-state'
import type { Lease } from './lease'

/** A message that leaves the hand. `isDone`: its server has it, and nobody will want it sent again. */
export type Leaving = { id: string; isDone: boolean }

/**
 * What one lease has taken up and neither ended nor put back, kept beside its rows of `inHand`. A row goes when nothing of it is left;
 * until then it names what may be wanted again only as long as it is in hand, and of what is done nothing is written.
 */
export class Hand {
  private readonly rowsOf = new Map<string, string[]>()
  private readonly rows = new Map<string, Set<string>>()

  constructor(readonly lease: Lease) {}

  ids(): string[] {
    return [...this.rowsOf.keys()]
  }

  /** After the commit that took these up, or marked them. */
  hold(row: string, ids: string[]): void {
    this.rows.set(row, new Set(ids))
    for (const id of ids) this.rowsOf.set(id, [...(this.rowsOf.get(id) ?? []), row])
  }

  /** For the write that ends these, or puts them back; the next one is described when this one is made. */
  leaveSteps(tx: Db, leaving: Leaving[]): Step[] {
    const byRow = new Map<string, Leaving[]>()
    for (const one of leaving)
      for (const row of this.rowsOf.get(one.id) ?? []) {
        const some = byRow.get(row)
        if (some) some.push(one)
        else byRow.set(row, [one])
      }
    const isOver = ([row, some]: [string, Leaving[]]) => this.rows.get(row)?.size === some.length
    const over = [...byRow].filter(isOver).map(([row]) => row)
    const kept = [...byRow].filter(entry => !isOver(entry)).flatMap(([row, some]) => this.keepStep(row, some) ?? [])
    return over.length > 0 ? [removal(tx, { ids: listed(over) }), ...kept] : kept
  }

  /** The row goes on without these, unless nobody will want them again. */
  private keepStep(row: string, leaving: Leaving[]): Step | null {
    if (leaving.every(({ isDone }) => isDone)) return null
    const left = new Set(this.rows.get(row))
    for (const { id } of leaving) left.delete(id)
    return updateRows(inHand, ['messageIds'], [{ id: row, messageIds: [...left].join(' ') }])
  }

  /** After the commit of such a write. */
  leave(leaving: Pick<Leaving, 'id'>[]): void {
    for (const { id } of leaving) {
      for (const row of this.rowsOf.get(id) ?? []) {
        const left = this.rows.get(row)
        left?.delete(id)
        if (left?.size === 0) this.rows.delete(row)
      }
      this.rowsOf.delete(id)
    }
  }
}

/**
 * Takes up those of these messages that are still due, behind the step that holds the lease. Gives the row, or none when nobody is left:
 * somebody may have cancelled them, or given them another route, since the list was read.
 */
export const takeUp = (tx: Db, { accountId, number }: Lease, ids: string[]): Step => takingUp(tx, { id: newId(), accountId, number, ids: listed(ids) })

const takingUp = compiledStep(db => {
  const { id, accountId, number } = { id: sql.placeholder('id'), accountId: sql.placeholder('accountId'), number: sql.placeholder('number') }
  // in a form that no index answers: whatever PostgreSQL's planner believes, it reads the rows of these ids and no others
  const isStillDue = sql`(${messages.accountId} = ${accountId} and ${messages.dueAt} is not null and ${messages.state} in ${[...pendingStates]}) is true`
  const named = sql`select ${id}, min(${messages.tenantId}), min(${messages.accountId}), cast(${number} as integer), string_agg(${messages.id}, ' '), null
    from ${messages} where ${isListed(messages.id, 'ids')} and ${isStillDue} having count(*) > 0`
  return db.insert(inHand).select(named).returning({ id: inHand.id, messageIds: inHand.messageIds })
})

const removal = compiledStep(db => db.delete(inHand).where(isListed(inHand.id, 'ids')))
