import { and, asc, desc, eq, type SQL } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, type Attempt, accounts, attempts, cards, type Message, messages, type Recipient, recipients } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { isId } from '@/lib/id'
import { findContent, findRaw } from './body-of'
import { visibleTo } from './message-scope'
import { mayCancel, mayLeave, mayResend, mayRetry } from './message-state'
import { parseMime } from './parse-mime'
import { recipientsOf } from './recipient'
import { isTextRemoved } from './remove-texts'

export { countWaiting, listMessages, type MessageRow } from './list-messages'
export { cancelMessage, cancelMessages, leaveMessages, retryMessage, retryMessages } from './message-actions'
export { resendMessage } from './resend'

const previewLength = 10_000

export type MessageView = {
  message: Message
  code: string
  recipients: Recipient[]
  attempts: Attempt[]
  account: Pick<Account, 'id' | 'kind' | 'state' | 'pauseReason' | 'pausedText' | 'pausedAt' | 'username' | 'credentialCardId'> & { host: string }
  text: string // a preview of what was written
  isTextRemoved: boolean // kept so many days after the end; the log stays
  attachments: { filename: string; sizeBytes: number }[]
  mayRetry: boolean
  mayCancel: boolean
  mayLeave: boolean
  mayResend: boolean
  resendOf: Resend | null // the message that this one sends again
  resends: Resend[] // messages that send this one again, the newest first
}

/** The other end of a link between a message and one that sends it again: to whom, and when it was queued. */
export type Resend = Pick<Message, 'id' | 'state' | 'queuedAt'> & { address: string }

/** @throws Refusal `messageNotFound`, also for a message that is not the actor's to see */
export async function getMessage(db: Db, actor: Actor, { id }: { id: string }): Promise<MessageView> {
  if (!isId(id)) throw new Refusal('messageNotFound')
  const [found] = await db
    .select({ message: messages, code: cards.code, account: accounts })
    .from(messages)
    .innerJoin(cards, eq(cards.id, messages.cardId))
    .innerJoin(accounts, eq(accounts.id, messages.accountId))
    .where(and(visibleTo(actor), eq(messages.id, id)))
  if (!found) throw new Refusal('messageNotFound')
  const { message, code, account } = found
  const isRemoved = await isTextRemoved(db, id)
  return {
    message,
    code,
    recipients: await recipientsOf(db, [id]),
    attempts: await db.select().from(attempts).where(eq(attempts.messageId, id)).orderBy(asc(attempts.startedAt), asc(attempts.id)),
    account: { ...account, host: account.host ?? env.platform.relay.host },
    ...(await previewOf(db, message)),
    isTextRemoved: isRemoved,
    mayRetry: mayRetry(message) && !isRemoved,
    mayCancel: mayCancel(message),
    mayLeave: mayLeave(message),
    mayResend: mayResend(message) && !isRemoved,
    resendOf: (await linkedTo(db, actor, eq(messages.id, message.resendOf ?? '')))[0] ?? null,
    resends: await linkedTo(db, actor, eq(messages.resendOf, id)),
  }
}

/** Each by its first recipient; one that sends another again has just that one. */
const linkedTo = (db: Db, actor: Actor, which: SQL): Promise<Resend[]> =>
  db
    .select({ id: messages.id, state: messages.state, queuedAt: messages.queuedAt, address: recipients.address })
    .from(messages)
    .innerJoin(recipients, and(eq(recipients.messageId, messages.id), eq(recipients.position, 0)))
    .where(and(visibleTo(actor), which))
    .orderBy(desc(messages.queuedAt))
    .limit(20)

type Preview = Pick<MessageView, 'text' | 'attachments'>

async function previewOf(db: Db, message: Message): Promise<Preview> {
  const content = await findContent(db, message.id)
  if (content) {
    const attachments = content.attachments.map(({ filename, sizeBytes }) => ({ filename: filename ?? '', sizeBytes }))
    return { text: content.text.trim().slice(0, previewLength), attachments }
  }
  const raw = await findRaw(db, message.id)
  return raw ? previewOfBytes(raw) : { text: '', attachments: [] }
}

async function previewOfBytes(raw: Buffer): Promise<Preview> {
  const parsed = await parseMime(raw)
  const attachments = parsed.attachments.map(({ filename, content }) => ({
    filename: filename ?? '',
    sizeBytes: typeof content === 'string' ? content.length : content.byteLength,
  }))
  return { text: (parsed.text ?? '').trim().slice(0, previewLength), attachments }
}
