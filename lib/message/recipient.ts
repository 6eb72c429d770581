import { asc } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { compiledQuery, isListed, listed } from '@/db/compiled-query'
import { type Recipient, recipients } from '@/db/schema'

const ofMessages = compiledQuery(db =>
  db.select().from(recipients).where(isListed(recipients.messageId, 'ids')).orderBy(asc(recipients.messageId), asc(recipients.position)),
)

/** The recipients of these messages, in the order they were written. */
export const recipientsOf = (db: Db, messageIds: string[]): Promise<Recipient[]> => ofMessages(db, { ids: listed(messageIds) })
