import { sql } from 'drizzle-orm'
import type { Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import { insertRows } from '@/db/rows'
import { attachments, messageAttachments, messageBodies, messageContents, messages, recipients } from '@/db/schema'
import { wakeAccount } from '@/lib/account/find-account'
import { messageEvent } from '@/lib/webhook/mail-event'
import type { MessageContent } from './message-content'

/** What one message becomes. Exactly one of `content` and `raw` is there. */
export type MessageRows = {
  message: typeof messages.$inferInsert
  recipients: (typeof recipients.$inferInsert)[]
  content: MessageContent | null
  raw: Buffer | null
  attachments: { id: string; content: Buffer }[]
}

const messageKeys = [
  'id',
  'tenantId',
  'cardId',
  'accountId',
  'kind',
  'priority',
  'state',
  'envelopeSender',
  'fromName',
  'fromAddress',
  'replyTo',
  'subject',
  'rfcMessageId',
  'idempotencyKey',
  'requestHash',
  'documentType',
  'documentNumber',
  'dsn',
  'sizeBytes',
  'search',
  'attemptCount',
  'queuedAt',
  'dueAt',
  'expiresAt',
] as const satisfies (keyof typeof messages.$inferInsert)[]
const recipientKeys = ['id', 'messageId', 'tenantId', 'position', 'field', 'address', 'state', 'updatedAt'] as const

/** The statements that store messages, of one company or several. Accounts come first and in one order: as the engine locks them. */
export function storeMessages(tx: Db, all: MessageRows[]): Step[] {
  const accountIds = [...new Set(all.map(({ message }) => message.accountId))].sort()
  const contents = all.flatMap(({ message, content }) => (content ? [{ messageId: message.id, content }] : []))
  const bodies = all.flatMap(({ message, raw }) => (raw ? [{ messageId: message.id, raw }] : []))
  return [
    ...accountIds.map(accountId => wakeAccount(tx, accountId)),
    insertRows(
      messages,
      [...messageKeys],
      all.map(({ message }) => ({ ...message, attemptCount: 0 })),
    ),
    ...(contents.length > 0 ? [insertRows(messageContents, ['messageId', 'content'], contents)] : []),
    ...(bodies.length > 0 ? [insertRows(messageBodies, ['messageId', 'raw'], bodies)] : []),
    ...storeAttachments(all),
    insertRows(
      recipients,
      [...recipientKeys],
      all.flatMap(message => message.recipients),
    ),
    ...accountIds.map(accountId => waitWithPausedAccount(tx, accountId)),
    ...all.flatMap(({ message }) => messageEvent(tx, { ...message, event: 'message.queued' })),
  ]
}

/** Each content once, in one order, so that two writes with the same ones do not wait for each other. */
function storeAttachments(all: MessageRows[]): Step[] {
  const once = new Map<string, typeof attachments.$inferInsert>()
  const links = new Map<string, { messageId: string; attachmentId: string }>()
  for (const { message, attachments: files } of all) {
    for (const { id, content } of files) {
      once.set(id, { id, tenantId: message.tenantId, content, createdAt: message.queuedAt })
      links.set(`${message.id} ${id}`, { messageId: message.id, attachmentId: id })
    }
  }
  if (once.size === 0) return []
  const sorted = [...once.values()].sort((one, other) => (one.id < other.id ? -1 : 1))
  return [
    insertRows(attachments, ['id', 'tenantId', 'content', 'createdAt'], sorted, { orKeep: true }),
    insertRows(messageAttachments, ['messageId', 'attachmentId'], [...links.values()]),
  ]
}

/** Messages that join a paused queue say so from the start. */
export const waitWithPausedAccount = (tx: Db, accountId: string) =>
  tx
    .update(messages)
    .set({ state: 'waiting', waitingFor: 'accountPaused' })
    // as a value, so that for an active account not one of its messages is looked at
    .where(
      sql`${messages.accountId} = (select id from account where id = ${accountId} and state = 'paused') and ${messages.dueAt} is not null and ${messages.state} = 'queued'`,
    )
