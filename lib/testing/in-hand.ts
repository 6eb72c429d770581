import { asc, inArray } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { inHand, type MessageState, messages } from '@/db/schema'
import { newId } from '@/lib/id'
import { inHandOf, seen } from '@/lib/message/in-hand'

/** As if an engine had taken up these messages of one account under a lease that holds, or held. */
export async function takeInHand(db: Db, ids: string[], { leaseNumber = 0 } = {}): Promise<void> {
  const [first] = await db.select().from(messages).where(inArray(messages.id, ids))
  if (!first) throw new Error('no such message')
  await db.insert(inHand).values({ id: newId(), tenantId: first.tenantId, accountId: first.accountId, leaseNumber, messageIds: ids.join(' ') })
}

/** The state of every message, as its company sees it, the oldest first. */
export async function seenStates(db: Db): Promise<MessageState[]> {
  const [{ tenantId } = { tenantId: '' }] = await db.select({ tenantId: messages.tenantId }).from(messages).limit(1)
  const hand = await inHandOf(db, tenantId)
  return (await db.select().from(messages).orderBy(asc(messages.id))).map(message => seen(message, hand).state)
}
