import { and, lt, lte, or, type SQL } from 'drizzle-orm'
import { type Message, messages } from '@/db/schema'

/** Where a page of messages ends, newest first: the next one begins behind it. */
export const cursorAfter = ({ queuedAt, id }: Pick<Message, 'queuedAt' | 'id'>) => `${queuedAt.getTime()}.${id}`

/** Everything older than the last row seen; null for a cursor that no page gave. */
export function beyond(cursor: string): SQL | undefined | null {
  const [, milliseconds = '', id = ''] = /^(\d{1,13})\.([0-9a-z]{26})$/.exec(cursor) ?? []
  if (!id) return null
  const at = new Date(Number(milliseconds))
  return and(lte(messages.queuedAt, at), or(lt(messages.queuedAt, at), lt(messages.id, id))) // one range, which the listing's index begins with
}
