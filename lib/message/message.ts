import { and, asc, eq } from 'drizzle-orm'
import PostalMime from 'postal-mime'
import type { Db } from '@/db/client'
import { type Account, type Attempt, accounts, attempts, cards, type Message, messageBodies, messages, type Recipient } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { visibleTo } from './message-scope'
import { mayCancel, mayRetry } from './message-state'
import { recipientsOf } from './recipient'

export { countWaiting, listMessages, type MessageRow } from './list-messages'
export { cancelMessage, cancelMessages, retryMessage, retryMessages } from './message-actions'

const previewLength = 10_000

export type MessageView = {
  message: Message
  code: string
  recipients: Recipient[]
  attempts: Attempt[]
  account: Pick<Account, 'id' | 'kind' | 'state' | 'pauseReason' | 'pausedText' | 'pausedAt' | 'username' | 'credentialCardId'> & { host: string }
  text: string // a preview of what was written
  attachments: { filename: string; sizeBytes: number }[]
  mayRetry: boolean
  mayCancel: boolean
}

/** @throws Refusal `messageNotFound`, also for a message that is not the actor's to see */
export async function getMessage(db: Db, actor: Actor, { id }: { id: string }): Promise<MessageView> {
  const [found] = await db
    .select({ message: messages, code: cards.code, account: accounts, raw: messageBodies.raw })
    .from(messages)
    .innerJoin(cards, eq(cards.id, messages.cardId))
    .innerJoin(accounts, eq(accounts.id, messages.accountId))
    .innerJoin(messageBodies, eq(messageBodies.messageId, messages.id))
    .where(and(visibleTo(actor), eq(messages.id, id)))
  if (!found) throw new Refusal('messageNotFound')
  const { message, code, account } = found
  return {
    message,
    code,
    recipients: await recipientsOf(db, [id]),
    attempts: await db.select().from(attempts).where(eq(attempts.messageId, id)).orderBy(asc(attempts.startedAt), asc(attempts.id)),
    account: { ...account, host: account.host ?? env.platform.relay.host },
    ...(await previewOf(found.raw)),
    mayRetry: mayRetry(message),
    mayCancel: mayCancel(message),
  }
}

async function previewOf(raw: Buffer): Promise<Pick<MessageView, 'text' | 'attachments'>> {
  const parsed = await PostalMime.parse(new Uint8Array(raw))
  const attachments = parsed.attachments.map(({ filename, content }) => ({
    filename: filename ?? '',
    sizeBytes: typeof content === 'string' ? content.length : content.byteLength,
  }))
  return { text: (parsed.text ?? '').trim().slice(0, previewLength), attachments }
}
