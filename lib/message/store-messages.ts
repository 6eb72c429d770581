import type { Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import { insertRows } from '@/db/rows'
import { attachments, messageAttachments, messageBodies, messageContents, messages, recipients } from '@/db/schema'
import { wakeAccounts } from '@/lib/account/find-account'
import { env } from '@/lib/env'
import { messageEvent } from '@/lib/webhook/mail-event'
import { type MessageContent, rowOfContent } from './message-content'

/** What one message becomes. Exactly one of `content` and `raw` is there. */
export type StoredMessage = {
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
  'waitingFor',
  'envelopeSender',
  'fromName',
  'fromAddress',
  'replyTo',
  'subject',
  'rfcMessageId',
  'idempotencyKey',
  'requestHash',
  'redirectedTo',
  'resendOf',
  'documentType',
  'documentNumber',
  'dsn',
  'sizeBytes',
  'search',
  'attemptCount',
  'queuedAt',
  'sendAt',
  'dueAt',
  'expiresAt',
  'isExpiryNamed',
] as const satisfies (keyof typeof messages.$inferInsert)[]
const largeBytes = 8 * 1024
const isPostgres = env.database.dialect === 'postgres'

const recipientKeys = ['id', 'messageId', 'tenantId', 'position', 'field', 'address', 'state', 'updatedAt'] as const

/** The statements that store messages, of one company or several. Accounts come first and in one order: as the engine locks them. */
export function storeMessages(tx: Db, all: StoredMessage[]): Step[] {
  const contents: (typeof messageContents.$inferInsert)[] = []
  const bodies: (typeof messageBodies.$inferInsert)[] = []
  const addressed: (typeof recipients.$inferInsert)[] = []
  const large = new Set<string>()
  const events: Step[] = []
  for (const { message, content, raw, recipients } of all) {
    if (content) contents.push(rowOfContent(message.id, content))
    if (raw) bodies.push({ messageId: message.id, raw })
    if (message.sizeBytes > largeBytes) large.add(message.id)
    addressed.push(...recipients)
    events.push(...messageEvent(tx, { id: message.id, tenantId: message.tenantId, kind: message.kind, event: 'message.queued' }))
  }
  return [
    ...wakeAccounts([...new Set(all.map(({ message }) => message.accountId))]),
    insertRows(
      messages,
      [...messageKeys],
      all.map(({ message }) => message),
    ),
    ...inPortions(contents, large, some => insertRows(messageContents, ['messageId', 'text', 'html', 'content'], some)),
    ...inPortions(bodies, large, some => insertRows(messageBodies, ['messageId', 'raw'], some)),
    ...storeAttachments(all),
    insertRows(recipients, [...recipientKeys], addressed),
    ...agreeWithAccounts(all),
    ...events,
  ]
}

/** Those that are large one by one, the others together. */
function inPortions<Row extends { messageId: string }>(rows: Row[], large: Set<string>, insert: (rows: Row[]) => Step): Step[] {
  if (rows.length === 0) return []
  const steps: Step[] = []
  const small: Row[] = []
  for (const row of rows) {
    if (large.has(row.messageId)) steps.push(insert([row]))
    else small.push(row)
  }
  if (small.length > 0) steps.push(insert(small))
  return steps
}

/** Each content once, in one order, so that two writes with the same ones do not wait for each other. */
function storeAttachments(all: StoredMessage[]): Step[] {
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
    ...sorted.map(row => insertRows(attachments, ['id', 'tenantId', 'content', 'createdAt'], [row], { orKeep: true })),
    insertRows(messageAttachments, ['messageId', 'attachmentId'], [...links.values()]),
  ]
}

type Joining = Pick<typeof messages.$inferInsert, 'id' | 'accountId' | 'state'>

/** Messages that join a paused queue say so from the start; those that were written for one that is mended now do not. */
function agreeWithAccounts(all: StoredMessage[]): Step[] {
  const alike = new Map<string, Joining[]>()
  for (const { message } of all) {
    const key = `${message.accountId} ${message.state}`
    const others = alike.get(key)
    if (others) others.push(message)
    else alike.set(key, [message])
  }
  const steps: Step[] = []
  for (const joining of alike.values()) steps.push(...agreeWithAccount(joining))
  return steps
}

/** The same for messages of one account and in one state. The account is looked at once: nearly always nothing is to be changed, and no message is looked at. */
export function agreeWithAccount(joining: Joining[]): Step[] {
  const [{ accountId, state }] = joining as [Joining]
  if (state !== 'queued' && state !== 'waiting') return []
  const [to, waitingFor] = state === 'queued' ? ['waiting', 'accountPaused'] : ['queued', null]
  const isOther = `(select state from account where id = ${isPostgres ? '$5' : '?'}) = '${state === 'queued' ? 'paused' : 'active'}'`
  const ids = joining.map(({ id }) => id)
  if (isPostgres) {
    const sql = `update message set state = $1, waiting_for = $2 where id = any($3::text[]) and (state = $4) is true and ${isOther}`
    return [{ sql, rows: [], params: [to, waitingFor, ids, state, accountId] }]
  }
  const sql = `update message set state = ?, waiting_for = ? where id in (select value from json_each(?) where ${isOther}) and state = ?`
  return [{ sql, rows: [[to, waitingFor, JSON.stringify(ids), accountId, state]], params: [] }]
}
