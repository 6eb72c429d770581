import { eq } from 'drizzle-orm'
import { closeDb, getDb } from '@/db/client'
import { cards } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { findTenant } from '@/lib/tenant/tenant'
import { bodyOf, options } from './letter'

/** Queues messages by the domain's own verb, with no engine running. */
const given = options<{ slug: string; count: number; bytes: number }>()
const db = getDb()
const tenantId = (await findTenant(db, given.slug))?.id ?? ''
const [card] = await db.select().from(cards).where(eq(cards.tenantId, tenantId)).limit(1)
if (!card) throw new Error('no such company')
const actor: Actor = { tenantId, cardId: card.id, code: card.code, loginId: card.loginId, role: 'admin' }
const text = bodyOf(given.bytes)
let next = 0
const enqueue = async () => {
  while (next < given.count) await enqueueMessage(db, actor, { to: ['customer@example.test'], subject: `Invoice ${next++}`, text, kind: 'document' })
}
await Promise.all(Array.from({ length: 20 }, enqueue))
await closeDb(db)
console.log(JSON.stringify({ count: given.count }))
