import { eq, sql } from 'drizzle-orm'
import type { Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import { isAmong } from '@/db/compiled-query'
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
    return [...byRow].flatMap(([row, some]) => this.stepOf(tx, row, some) ?? [])
  }

  private stepOf(tx: Db, row: string, leaving: Leaving[]): Step | null {
    const held = this.rows.get(row) ?? new Set()
    if (held.size === leaving.length) return tx.delete(inHand).where(eq(inHand.id, row))
    if (leaving.every(({ isDone }) => isDone)) return null
    const left = new Set(held)
    for (const { id } of leaving) left.delete(id)
    return tx
      .update(inHand)
      .set({ messageIds: [...left].join(' ') })
      .where(eq(inHand.id, row))
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
export function takeUp(tx: Db, { accountId, number }: Lease, ids: string[]) {
  // in a form that no index answers: whatever PostgreSQL's planner believes, it reads the rows of these ids and no others
  const isStillDue = sql`(${messages.accountId} = ${accountId} and ${messages.dueAt} is not null and ${messages.state} in ${[...pendingStates]}) is true`
  const named = sql`select ${newId()}, min(${messages.tenantId}), min(${messages.accountId}), cast(${number} as integer), string_agg(${messages.id}, ' '), null
    from ${messages} where ${isAmong(messages.id, ids)} and ${isStillDue} having count(*) > 0`
  return tx.insert(inHand).select(named).returning({ id: inHand.id, messageIds: inHand.messageIds })
}
