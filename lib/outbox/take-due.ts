import { and, asc, eq, gt, lte, sql } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { compiledQuery, mostOf } from '@/db/compiled-query'
import { updateRows } from '@/db/rows'
import { type Message, messages, type Recipient } from '@/db/schema'
import { waitWhilePaused } from '@/lib/account/pause-account'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { newId } from '@/lib/id'
import { bodyOf, contentsByMessage } from '@/lib/message/body-of'
import type { MessageContent } from '@/lib/message/message-content'
import { isPending, pendingStates } from '@/lib/message/message-state'
import { recipientsOf } from '@/lib/message/recipient'
import { insist } from './insist'
import { type Lease, mustHold } from './lease'

/** A message taken up under a lease, as it was before, with the recipients that still want it. */
export type Attempt = {
  id: string
  message: Message
  all: Recipient[]
  content: MessageContent | undefined // undefined: not at hand
  pending: Recipient[]
  startedAt: Date
  marking: Promise<void> | null
  markedAt: Date | null // when it was written down that the final dot may follow
}

const priorities = [0, 1, 2]
// what is larger is read when it leaves: texts that wait in memory are copied by every collection, and only PostgreSQL is a trip away
const readAheadBytes = (env.database.dialect === 'postgres' ? 64 : 16) * 1024

/**
 * Takes up what is due of an account, in the order it leaves: tests and notices, documents, letters. From here on they are
 * `sending`: nobody cancels or moves them, and they leave the index of what waits. `aborting`: do not wait for a database that is away.
 * @throws NothingMatched when the lease is gone
 */
export async function takeDue(db: Db, lease: Lease, { limit, aborting }: { limit: number; aborting: AbortSignal }): Promise<Attempt[]> {
  const due = await listDue(db, lease, limit)
  if (due.length === 0) return []
  const rows = due.map(({ id }) => ({ id, state: 'sending' as const, waitingFor: null, dueAt: null }))
  const [, matched = []] = await atomically(db, () => [
    mustHold(lease),
    updateRows(messages, ['state', 'waitingFor', 'dueAt'], rows, { where: { accountId: lease.accountId }, holds: isStillDue, returnsIds: true }),
  ])
  const ids = new Set(matched.map(({ id }) => id))
  const mine = due.filter(({ id }) => ids.has(id))
  if (mine.length === 0) return []
  const taken = mine.map(({ id }) => id)
  const small = mine.filter(({ sizeBytes }) => sizeBytes <= readAheadBytes).map(({ id }) => id)
  const addressed = await insist(() => recipientsOf(db, taken), aborting)
  const contents = await insist(() => contentsByMessage(db, small), aborting)
  const recipients = new Map<string, Recipient[]>(mine.map(({ id }) => [id, []]))
  for (const recipient of addressed) recipients.get(recipient.messageId)?.push(recipient)
  return mine.map(message => {
    const all = recipients.get(message.id) ?? []
    const pending = all.filter(({ state }) => isPending(state))
    return { id: newId(), message, all, content: contents.get(message.id), pending, startedAt: now(), marking: null, markedAt: null }
  })
}

/** What may have changed since the list was read: somebody cancelled it, or gave it another route. */
const isStillDue = `message.due_at is not null and message.state in (${pendingStates.map(state => `'${state}'`).join(', ')})`

const dueOfPriority = compiledQuery(db => {
  const at = sql.param(sql.placeholder('at'), messages.dueAt)
  return db
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.accountId, sql.placeholder('accountId')),
        eq(messages.priority, sql.placeholder('priority')),
        lte(messages.dueAt, at),
        gt(messages.expiresAt, at),
      ),
    )
    .orderBy(asc(messages.dueAt))
    .limit(mostOf('limit'))
})

/** One range of the index for each priority, so that a backlog of letters costs an invoice nothing. */
async function listDue(db: Db, { accountId }: Lease, limit: number): Promise<Message[]> {
  const at = now()
  const due: Message[] = []
  for (const priority of priorities) {
    if (due.length >= limit) break
    const found = await dueOfPriority(db, { accountId, priority, at, limit: limit - due.length })
    due.push(...found.filter(({ state }) => isPending(state)))
  }
  return due
}

/** The bytes that this attempt hands over. */
export const rawOf = (db: Db, { message, all, content }: Attempt): Promise<Buffer> => bodyOf(db, message, { addressed: all, content })

/** Puts back what was taken up and not begun, as it was; in an account that was paused meanwhile it waits. */
export async function putBack(db: Db, lease: Lease, attempts: Attempt[]): Promise<void> {
  if (attempts.length === 0) return
  const rows = attempts.map(({ message: { id, state, waitingFor, dueAt } }) => ({ id, state, waitingFor, dueAt }))
  const ids = rows.map(({ id }) => id)
  await atomically(db, tx => [
    mustHold(lease),
    updateRows(messages, ['state', 'waitingFor', 'dueAt'], rows, { where: { state: 'sending' } }),
    waitWhilePaused(tx, lease.accountId, ids),
  ])
}
