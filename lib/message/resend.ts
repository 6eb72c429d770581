import { and, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Message, messages } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { domainOf, parseAddress } from '@/lib/sender/address'
import { loadRoute } from '@/lib/sender/resolve-route'
import type { Route } from '@/lib/sender/route'
import { acceptMessages } from './accept-messages'
import { contentsOf, findContent, findRaw } from './body-of'
import type { MessageContent } from './message-content'
import { visibleTo } from './message-scope'
import { mayResend } from './message-state'
import { type MessageInput, type PreparedMessage, prepareMessage } from './prepare-message'
import { referencesWith, rewriteForResend } from './rewrite-raw'

/**
 * Sends a message to one other address: a new message of the same card, by the route that holds now, that names the one it sends again.
 * The other one stays as it is, whatever its state. `redirectedTo`: where it goes instead while all mail is redirected.
 * @throws Refusal `addressInvalid` … at `to`; `messageNotFound`; `cannotResend` for a test; `textRemoved` when its text is no longer kept;
 * those of `prepareMessage`
 */
export async function resendMessage(db: Db, actor: Actor, { id, to }: { id: string; to: string }): Promise<{ id: string; redirectedTo: string | null }> {
  const [message] = await db
    .select()
    .from(messages)
    .where(and(visibleTo(actor), eq(messages.id, id)))
  if (!message) throw new Refusal('messageNotFound')
  if (!mayResend(message)) throw new Refusal('cannotResend')
  const address = parsed(to)
  const route = await loadRoute(db, message.tenantId, message.cardId)
  const content = await findContent(db, id)
  const prepared = content ? await writtenAgain(db, route, { message, content, address }) : await bytesAgain(db, route, { message, address })
  await acceptMessages(db, [prepared], 'app')
  return { id: prepared.id, redirectedTo: prepared.message.redirectedTo ?? null }
}

function parsed(text: string): string {
  try {
    return parseAddress(text.trim())
  } catch (error) {
    throw error instanceof Refusal ? error.at('to') : error
  }
}

const shared = ({ id, kind, subject, documentType, documentNumber }: Message) => ({
  resendOf: id,
  kind,
  subject,
  document: { type: documentType, number: documentNumber },
})

type Written = { message: Message; content: MessageContent; address: string }

async function writtenAgain(db: Db, route: Route, { message, content, address }: Written): Promise<PreparedMessage> {
  const kept = await contentsOf(db, content)
  const headers = content.headers.filter(([name]) => name.toLowerCase() !== 'references')
  const earlier = content.headers.find(([name]) => name.toLowerCase() === 'references')?.[1] ?? ''
  const input: MessageInput = {
    ...shared(message),
    to: [address],
    replyTo: content.replyTo ?? undefined,
    text: content.text,
    html: content.html ?? undefined,
    headers: Object.fromEntries([...headers, ['References', referencesWith(earlier, `<${message.rfcMessageId}>`)]]),
    attachments: content.attachments.map(({ id, sizeBytes, ...attachment }) => {
      const bytes = kept.get(id)
      if (!bytes) throw new Refusal('textRemoved')
      return { ...attachment, content: bytes }
    }),
  }
  return prepareMessage(db, route, input)
}

/** Fields of its own stay; only those that say to whom, when and from whom are written anew. */
async function bytesAgain(db: Db, route: Route, { message, address }: Omit<Written, 'content'>): Promise<PreparedMessage> {
  const raw = await findRaw(db, message.id)
  if (!raw) throw new Refusal('textRemoved')
  if (!route.from) throw new Refusal('noEmail')
  const id = newId()
  const rfcMessageId = `${id}@${domainOf(route.from.value.address)}`
  const author = { from: route.from.value, replyTo: route.replyTo?.value ?? null, hadReplyTo: message.replyTo !== null }
  const rewritten = rewriteForResend(raw, author, { to: address, rfcMessageId, date: now() })
  const prepared = await prepareMessage(db, route, { ...shared(message), to: [address], text: '', asBytes: { id, raw: rewritten.raw, rfcMessageId } })
  prepared.message.fromName = rewritten.fromName ?? message.fromName
  return prepared
}
