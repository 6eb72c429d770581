import { asc, inArray } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Recipient, recipients } from '@/db/schema'

/** The recipients of these messages, in the order they were written. */
export const recipientsOf = (db: Db, messageIds: string[]): Promise<Recipient[]> =>
  db.select().from(recipients).where(inArray(recipients.messageId, messageIds)).orderBy(asc(recipients.messageId), asc(recipients.position))
