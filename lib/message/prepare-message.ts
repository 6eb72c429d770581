import type { Step } from '@/db/atomically'
import type { Db } from '@/db/client'
import type { Account, MessageKind } from '@/db/schema'
import { findOrCreateAccount } from '@/lib/account/find-account'
import { after, now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { domainOf, parseAddress } from '@/lib/sender/address'
import type { AccountIdentity, Route } from '@/lib/sender/route'
import { accountIdentityOf } from '@/lib/sender/route-rules'
import type { Attachment } from './compose-message'
import { keptForMs } from './expiry'
import { estimateBytes, keepAttachment, type MessageContent } from './message-content'
import { searchText } from './search-text'
import { type StoredMessage, storeMessages } from './store-messages'

export type MessageInput = {
  to: string[]
  cc?: string[]
  bcc?: string[]
  replyTo?: string // where the route sets none
  subject: string
  text: string
  html?: string
  attachments?: Attachment[]
  kind: MessageKind
  idempotencyKey?: string
  requestHash?: string
  document?: { type: string | null; number: string | null }
  resendOf?: string // the message that this one sends again to somebody else
  sendAt?: Date
  expiresAt?: Date
  headers?: Record<string, string>
  /** A message that comes as bytes is kept as it came; the fields above then only describe it. */
  asBytes?: { id: string; raw: Buffer; rfcMessageId: string }
}

/** A message ready to be stored: its statements join whatever atomic write causes it. */
export type PreparedMessage = StoredMessage & { id: string; accountId: string; statements: (tx: Db) => Step[] }

/** A message whose account may have to be made first. */
type WrittenMessage = Omit<StoredMessage, 'message'> & { message: Omit<StoredMessage['message'], 'accountId'> }

export const maxRecipients = 500
export const maxSubjectLength = 900
export const maxBytes = 40 * 1024 * 1024

const priorities: Record<MessageKind, number> = { test: 0, notice: 0, document: 1, letter: 2 }

/**
 * Writes a message by a route, as the rows it becomes. From, Reply-To, envelope and account are fixed here;
 * `account` sets another queue than the route's own (a test's). Its bytes are composed when it leaves: see bodyOf.
 * @throws Refusal for what cannot be written: no e-mail on the card, an address or subject that is none
 */
export async function prepareMessage(db: Db, route: Route, input: MessageInput, account?: AccountIdentity): Promise<PreparedMessage> {
  const written = writeMessage(route, input)
  return queueAt(written, await findOrCreateAccount(db, route.tenantId, account ?? accountOf(route)))
}

/** The rows of a message, but for the account. */
export function writeMessage(route: Route, input: MessageInput): WrittenMessage {
  const { from, envelopeSender } = writable(route)
  const subject = parseSubject(input.subject)
  const envelope = envelopeOf(input)
  const id = input.asBytes?.id ?? newId()
  const queuedAt = now()
  const files = input.attachments ?? []
  const content = contentOf(route.tenantId, input)
  const sizeBytes = input.asBytes?.raw.length ?? estimateBytes(content)
  if (sizeBytes > maxBytes) throw new Refusal('messageTooLarge', undefined, { megabytes: maxBytes / 1024 / 1024 })
  const sendAt = input.sendAt && input.sendAt > queuedAt ? input.sendAt : null
  const dueAt = sendAt ?? queuedAt
  return {
    message: {
      id,
      tenantId: route.tenantId,
      cardId: route.cardId,
      kind: input.kind,
      priority: priorities[input.kind],
      state: 'queued',
      envelopeSender,
      fromName: from.name,
      fromAddress: from.address,
      replyTo: route.replyTo?.value ?? null,
      subject,
      rfcMessageId: input.asBytes?.rfcMessageId ?? `${id}@${domainOf(from.address)}`,
      idempotencyKey: input.idempotencyKey ?? null,
      requestHash: input.requestHash ?? null,
      waitingFor: null,
      redirectedTo: input.kind === 'test' ? null : (route.redirectTo ?? null),
      resendOf: input.resendOf ?? null,
      documentType: input.document?.type ?? null,
      documentNumber: input.document?.number ?? null,
      dsn: null,
      sizeBytes,
      attemptCount: 0,
      search: searchText([subject, input.document?.number ?? '', ...envelope.map(({ address }) => address)]),
      queuedAt,
      sendAt,
      dueAt,
      expiresAt: input.expiresAt ?? after(dueAt, keptForMs),
      isExpiryNamed: input.expiresAt !== undefined,
    },
    content: input.asBytes ? null : content,
    raw: input.asBytes?.raw ?? null,
    attachments: files.map(({ content: bytes }, i) => ({ id: content.attachments[i]?.id ?? '', content: bytes })),
    recipients: envelope.map(({ field, address }, position) => ({
      id: newId(),
      messageId: id,
      tenantId: route.tenantId,
      position,
      field,
      address,
      state: 'queued' as const,
      updatedAt: queuedAt,
    })),
  }
}

/** The account as it was last read: storing looks whether that still holds. */
export function queueAt(
  { message: written, recipients, content, raw, attachments }: WrittenMessage,
  { id: accountId, state }: Pick<Account, 'id' | 'state'>,
): PreparedMessage {
  const message: StoredMessage['message'] = Object.assign(written, { accountId }) // a row has thirty columns: not copied again
  if (state === 'paused') {
    message.state = 'waiting'
    message.waitingFor = 'accountPaused'
  }
  const statements = (tx: Db) => storeMessages(tx, [{ message, recipients, content, raw, attachments }])
  return { message, recipients, content, raw, attachments, id: message.id, accountId, statements }
}

/** A lone CR ends a line for some servers and not for others: what differs is how mail is smuggled. */
const oneKindOfLineEnd = (text: string) => (text.includes('\r') ? text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : text)

function contentOf(tenantId: string, { text, html, replyTo, headers = {}, attachments = [] }: MessageInput): MessageContent {
  return {
    text: oneKindOfLineEnd(text),
    html: html === undefined ? null : oneKindOfLineEnd(html),
    replyTo: replyTo ?? null,
    headers: Object.entries(headers),
    attachments: attachments.map(attachment => keepAttachment(tenantId, attachment)),
  }
}

/** The account of a route; mail of a card whose e-mail is not confirmed yet waits in one of its own. */
export function accountOf(route: Route): AccountIdentity {
  const identity = accountIdentityOf(route)
  if (route.problem?.reason !== 'emailNotConfirmed') return identity
  return { ...identity, identity: JSON.stringify(['relay', 'unconfirmed', route.cardId]), credentialCardId: route.cardId }
}

function writable({ problem, from, envelopeSender }: Route) {
  if (problem?.reason === 'inactive') throw new Refusal('cardInactive')
  if (!from || !envelopeSender) throw new Refusal('noEmail')
  return { from: from.value, envelopeSender: envelopeSender.value }
}

/** @throws Refusal `subjectInvalid` for line breaks, NUL and over-long subjects */
function parseSubject(text: string): string {
  const subject = text.trim()
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(subject) || subject.length > maxSubjectLength) throw new Refusal('subjectInvalid', 'subject')
  return subject
}

type EnvelopeRecipient = { field: 'to' | 'cc' | 'bcc'; address: string }

function envelopeOf({ to, cc = [], bcc = [] }: MessageInput): EnvelopeRecipient[] {
  const all: EnvelopeRecipient[] = []
  const add = (field: EnvelopeRecipient['field'], texts: string[]) => {
    for (const text of texts) all.push({ field, address: parseAddress(text.trim()) })
  }
  add('to', to)
  add('cc', cc)
  add('bcc', bcc)
  if (all.length === 1) return all
  const once = new Map(all.toReversed().map(recipient => [recipient.address.toLowerCase(), recipient]))
  const envelope = [...once.values()].toReversed()
  if (envelope.length === 0) throw new Refusal('recipientNeeded', 'to')
  if (envelope.length > maxRecipients) throw new Refusal('tooManyRecipients', 'to', { most: maxRecipients })
  return envelope
}
