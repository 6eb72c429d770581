import { and, asc, eq, gt, lte, sql } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { compiledQuery, isNotListed, listed, mostOf } from '@/db/compiled-query'
import { type Message, messages, type Recipient } from '@/db/schema'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { newId } from '@/lib/id'
import { bodyOf, contentsByMessage } from '@/lib/message/body-of'
import { idsOf as idsIn } from '@/lib/message/in-hand'
import type { MessageContent } from '@/lib/message/message-content'
import { isPending } from '@/lib/message/message-state'
import { recipientsOf } from '@/lib/message/recipient'
import { type Hand, takeUp } from './hand'
import { insist } from './insist'
import { mustHold } from './lease'

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
 * Takes up what is due of an account, in the order it leaves: tests and notices, documents, letters. From here on they are in hand:
 * nobody cancels or moves them. `aborting`: do not wait for a database that is away.
 * @throws NothingMatched when the lease is gone
 */
export async function takeDue(db: Db, hand: Hand, { limit, aborting }: { limit: number; aborting: AbortSignal }): Promise<Attempt[]> {
  const due = await listDue(db, hand, limit)
  if (due.length === 0) return []
  const [, [taken] = []] = await atomically(db, tx => [mustHold(hand.lease), takeUp(tx, hand.lease, idsOf(due))])
  if (!taken) return []
  const ids = new Set(idsIn(taken.messageIds as string))
  hand.hold(taken.id as string, [...ids])
  const mine = due.filter(({ id }) => ids.has(id))
  const small = mine.filter(({ sizeBytes }) => sizeBytes <= readAheadBytes)
  const addressed = await insist(() => recipientsOf(db, idsOf(mine)), aborting)
  const contents = await insist(() => contentsByMessage(db, idsOf(small)), aborting)
  const recipients = new Map<string, Recipient[]>(mine.map(({ id }) => [id, []]))
  for (const recipient of addressed) recipients.get(recipient.messageId)?.push(recipient)
  return mine.map(message => {
    const all = recipients.get(message.id) ?? []
    const pending = all.filter(({ state }) => isPending(state))
    return { id: newId(), message, all, content: contents.get(message.id), pending, startedAt: now(), marking: null, markedAt: null }
  })
}

const idsOf = (some: { id: string }[]) => some.map(({ id }) => id)

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
        isNotListed(messages.id, 'inHand'),
      ),
    )
    .orderBy(asc(messages.dueAt))
    .limit(mostOf('limit'))
})

/** One range of the index for each priority, so that a backlog of letters costs an invoice nothing. */
async function listDue(db: Db, hand: Hand, limit: number): Promise<Message[]> {
  const [at, { accountId }, inHand] = [now(), hand.lease, listed(hand.ids())]
  const due: Message[] = []
  for (const priority of priorities) {
    if (due.length >= limit) break
    const found = await dueOfPriority(db, { accountId, priority, at, inHand, limit: limit - due.length })
    due.push(...found.filter(({ state }) => isPending(state)))
  }
  return due
}

/** The bytes that this attempt hands over. */
export const rawOf = (db: Db, { message, all, content }: Attempt): Promise<Buffer> => bodyOf(db, message, { addressed: all, content })

/** Puts back what was taken up and not begun: it is as it was. */
export async function putBack(db: Db, hand: Hand, attempts: Attempt[]): Promise<void> {
  if (attempts.length === 0) return
  const leaving = attempts.map(({ message: { id } }) => ({ id, isDone: false }))
  await atomically(db, tx => [mustHold(hand.lease), ...hand.leaveSteps(tx, leaving)])
  hand.leave(leaving)
}
