import { eq } from 'drizzle-orm'
import { closeDb, getDb } from '@/db/client'
import { cards } from '@/db/schema'
import { enqueueMessage } from '@/lib/message/enqueue-message'

/**
 * A process of its own that queues one document of a card, and is told when to: whoever waits for work hears it from outside.
 * It stays until it is left alone: others are told a moment after the commit.
 */
const [cardId = '', to = ''] = process.argv.slice(2)
const db = getDb()
const [card] = await db.select().from(cards).where(eq(cards.id, cardId))
if (!card) throw new Error(`no card ${cardId}`)
process.send?.('ready')
process.once('message', async () => {
  const { tenantId, code, loginId, role } = card
  await enqueueMessage(db, { tenantId, cardId, code, loginId, role }, { to: [to], subject: 'Faktura', text: 'x', kind: 'document' })
  process.send?.('queued')
})
process.once('disconnect', () => closeDb(db))
