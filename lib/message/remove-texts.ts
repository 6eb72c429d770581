import { and, asc, eq, exists, gt, inArray, isNotNull, lt, min, notExists, or, type SQL } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { attachments, messageAttachments, messageBodies, messageContents, messages, tenants } from '@/db/schema'
import { holdAccounts } from '@/lib/account/hold-accounts'
import { after, days, hours, now } from '@/lib/clock'
import { firstIdAt } from '@/lib/id'

const atOnce = 200
const restMs = hours(1)

type Texts = typeof messageContents | typeof messageBodies

/** How far an engine has walked through the texts, the oldest first. */
export class TextRemover {
  private readonly walks = [messageContents, messageBodies].map(table => ({ table: table as Texts, after: '', restsUntil: new Date(0) }))

  /** Whether there is more to walk through before the next rest, also when a step removed nothing: companies keep texts differently long. */
  get isUnderWay(): boolean {
    return this.walks.some(walk => walk.after !== '')
  }

  /**
   * One small step: removes texts and attachments of messages that ended longer ago than their company keeps them. The log
   * stays: message, recipients, attempts. Gives how many were removed.
   */
  async step(db: Db): Promise<number> {
    const due = this.walks.filter(({ restsUntil }) => restsUntil <= now())
    if (due.length === 0) return 0
    let removed = 0
    const end = await endOfWalk(db)
    for (const walk of due) {
      const found = await oldestTexts(db, walk.table, { behind: walk.after, before: end })
      const over = found.filter(({ endedAt, keepTextsDays }) => endedAt !== null && endedAt <= after(now(), -days(keepTextsDays)))
      await removeTexts(db, over)
      removed += over.length
      const isDone = found.length < atOnce
      walk.after = isDone ? '' : (found.at(-1)?.id ?? '')
      if (isDone) walk.restsUntil = after(now(), restMs)
    }
    return removed
  }
}

/** Ids begin with the time: what was queued since the company that keeps texts shortest would remove it is not even looked at. */
async function endOfWalk(db: Db): Promise<string> {
  const [shortest] = await db.select({ days: min(tenants.keepTextsDays) }).from(tenants)
  return firstIdAt(after(now(), -days(shortest?.days ?? 0)))
}

function oldestTexts(db: Db, table: Texts, { behind, before }: { behind: string; before: string }) {
  return db
    .select({ id: messages.id, accountId: messages.accountId, endedAt: messages.endedAt, keepTextsDays: tenants.keepTextsDays })
    .from(table)
    .innerJoin(messages, eq(messages.id, table.messageId))
    .innerJoin(tenants, eq(tenants.id, messages.tenantId))
    .where(and(gt(table.messageId, behind), lt(table.messageId, before)))
    .orderBy(asc(table.messageId))
    .limit(atOnce)
}

/**
 * Contents that no other message carries go with them. What was queued again meanwhile keeps its text: whoever does that holds its
 * account, too, and so one of the two sees what the other has done.
 */
async function removeTexts(db: Db, over: { id: string; accountId: string }[]): Promise<void> {
  if (over.length === 0) return
  const ids = over.map(({ id }) => id)
  const carried = await db.select({ id: messageAttachments.attachmentId }).from(messageAttachments).where(inArray(messageAttachments.messageId, ids))
  const attachmentIds = [...new Set(carried.map(({ id }) => id))]
  const ended = (tx: Db) =>
    tx
      .select({ id: messages.id })
      .from(messages)
      .where(and(inArray(messages.id, ids), isNotNull(messages.endedAt)))
  const isCarried = (tx: Db) =>
    tx.select({ id: messageAttachments.messageId }).from(messageAttachments).where(eq(messageAttachments.attachmentId, attachments.id))
  await atomically(db, tx => [
    ...holdAccounts([...new Set(over.map(({ accountId }) => accountId))], 'alone'),
    tx.delete(messageContents).where(inArray(messageContents.messageId, ended(tx))),
    tx.delete(messageBodies).where(inArray(messageBodies.messageId, ended(tx))),
    tx.delete(messageAttachments).where(inArray(messageAttachments.messageId, ended(tx))),
    ...(attachmentIds.length > 0 ? [tx.delete(attachments).where(and(inArray(attachments.id, attachmentIds), notExists(isCarried(tx))))] : []),
  ])
}

/** For conditions on messages: that its text is still there, so that it can be sent. */
export const hasText = (tx: Db): SQL | undefined =>
  or(
    exists(tx.select({ id: messageContents.messageId }).from(messageContents).where(eq(messageContents.messageId, messages.id))),
    exists(tx.select({ id: messageBodies.messageId }).from(messageBodies).where(eq(messageBodies.messageId, messages.id))),
  )

/** Whether there is no text any more: the company keeps it so and so long, and the log for good. */
export async function isTextRemoved(db: Db, messageId: string): Promise<boolean> {
  const found = await db
    .select({ id: messages.id })
    .from(messages)
    .where(and(eq(messages.id, messageId), hasText(db)))
  return found.length === 0
}
