import { and, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { messages } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { loadRoute } from '@/lib/sender/resolve-route'
import { acceptMessages } from './accept-messages'
import { type MessageInput, prepareMessage } from './prepare-message'

/**
 * Queues a message of the actor's card by the route that holds now, in one atomic write. The same idempotency key
 * in the same company gives the message queued first.
 * @throws Refusal `noEmail` when the card cannot send; `addressInvalid`, `subjectInvalid`, `recipientNeeded` …
 */
export async function enqueueMessage(db: Db, actor: Actor, input: MessageInput): Promise<{ id: string }> {
  const earlier = await findByKey(db, actor, input.idempotencyKey)
  if (earlier) return earlier
  const prepared = await prepareMessage(db, await loadRoute(db, actor.tenantId, actor.cardId), input)
  try {
    await acceptMessages(db, [prepared], 'app')
  } catch (error) {
    const other = await findByKey(db, actor, input.idempotencyKey) // the same key came in twice at once
    if (other) return other
    throw error
  }
  return { id: prepared.id }
}

async function findByKey(db: Db, { tenantId }: Actor, idempotencyKey: string | undefined): Promise<{ id: string } | null> {
  if (idempotencyKey === undefined) return null
  const [found] = await db
    .select({ id: messages.id })
    .from(messages)
    .where(and(eq(messages.tenantId, tenantId), eq(messages.idempotencyKey, idempotencyKey)))
  return found ?? null
}
