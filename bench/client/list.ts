import { eq } from 'drizzle-orm'
import { closeDb, getDb } from '@/db/client'
import { cards } from '@/db/schema'
import { listPausedAccounts } from '@/lib/account/account'
import { listUsedUpAccounts } from '@/lib/account/usage'
import type { Actor } from '@/lib/actor/actor'
import { countWaiting, listMessages, type MessageFilter } from '@/lib/message/list-messages'
import { findTenant } from '@/lib/tenant/tenant'
import { options } from './letter'

/** How long the outbox takes to answer, with all that its page asks: each kind of question five times, the median of the slowest kind. */
const given = options<{ slug: string; what: 'page' | 'search' }>()
const db = getDb()
const tenantId = (await findTenant(db, given.slug))?.id ?? ''
const [card] = await db.select().from(cards).where(eq(cards.tenantId, tenantId)).limit(1)
if (!card) throw new Error('no such company')
const actor: Actor = { tenantId, cardId: card.id, code: card.code, loginId: card.loginId, role: 'admin' }

const questions: Record<string, Omit<MessageFilter, 'limit'>> = given.what === 'page'
  ? { all: {}, waiting: { state: 'waiting' }, refused: { state: 'refused' }, 'of one user': { code: 'ANNA' }, 'of seven days': { days: 7 } }
  : {
      'a number': { search: '77777/2026' },
      'a word in all': { search: 'invoice' },
      'an address': { search: 'customer4321@example.test' },
      'a common word and a rare one': { search: 'invoice customer4321' },
      'the beginning of a number': { search: '777' },
      nothing: { search: 'nosuchword' },
    }
let [ms, slowest] = [0, '']
for (const [name, filter] of Object.entries(questions)) {
  const took: number[] = []
  for (let count = 0; count < 5; count++) {
    const startedAt = performance.now()
    await Promise.all([
      listMessages(db, actor, { ...filter, limit: 50 }),
      listPausedAccounts(db, actor),
      listUsedUpAccounts(db, actor),
      countWaiting(db, actor),
    ])
    took.push(performance.now() - startedAt)
  }
  const median = took.toSorted((a, b) => a - b)[2] ?? 0
  if (median > ms) [ms, slowest] = [median, name]
}
await closeDb(db)
console.log(JSON.stringify({ ms, slowest }))
