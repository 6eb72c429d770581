import { and, eq, exists } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { accounts, type MessageKind, messageBodies, messages, recipients } from '@/db/schema'
import { findOrCreateAccount, wakeAccount } from '@/lib/account/find-account'
import { after, days, now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { domainOf, parseAddress } from '@/lib/sender/address'
import { accountIdentityOf } from '@/lib/sender/resolve-route'
import type { AccountIdentity, Route } from '@/lib/sender/route'
import { messageEvent } from '@/lib/webhook/mail-event'
import { type Attachment, composeMessage } from './compose-message'

export type MessageInput = {
  to: string[]
  cc?: string[]
  bcc?: string[]
  subject: string
  text: string
  html?: string
  attachments?: Attachment[]
  kind: MessageKind
  idempotencyKey?: string
  expiresAt?: Date
  headers?: Record<string, string>
}

/** A message ready to be stored: its statements join whatever atomic write causes it. */
export type PreparedMessage = { id: string; accountId: string; statements: (tx: Db) => { toSQL(): { sql: string; params: unknown[] }; execute(): unknown }[] }

const maxRecipients = 500
const maxSubjectLength = 900
const maxBytes = 40 * 1024 * 1024
export const keptForMs = days(5)

const priorities: Record<MessageKind, number> = { test: 0, notice: 0, document: 1, letter: 2 }

/**
 * Composes a message by a route and describes the rows it becomes. From, Reply-To, envelope and account are fixed
 * here; `account` sets another queue than the route's own (a test's).
 * @throws Refusal for what cannot be written: no e-mail on the card, an address or subject that is none
 */
export async function prepareMessage(db: Db, route: Route, input: MessageInput, account?: AccountIdentity): Promise<PreparedMessage> {
  const { from, envelopeSender } = writable(route)
  const subject = parseSubject(input.subject)
  const envelope = recipientsOf(input)
  const id = newId()
  const queuedAt = now()
  const rfcMessageId = `${id}@${domainOf(from.address)}`
  const raw = await composeMessage({ ...input, ...parsedLines(envelope), subject, from, replyTo: route.replyTo?.value ?? null, rfcMessageId, date: queuedAt })
  if (raw.length > maxBytes) throw new Refusal('messageTooLarge', undefined, { megabytes: maxBytes / 1024 / 1024 })
  const { id: accountId } = await findOrCreateAccount(db, route.tenantId, account ?? accountOf(route))

  const message: typeof messages.$inferInsert = {
    id,
    tenantId: route.tenantId,
    cardId: route.cardId,
    accountId,
    kind: input.kind,
    priority: priorities[input.kind],
    state: 'queued',
    envelopeSender,
    fromName: from.name,
    fromAddress: from.address,
    replyTo: route.replyTo?.value ?? null,
    subject,
    rfcMessageId,
    idempotencyKey: input.idempotencyKey ?? null,
    sizeBytes: raw.length,
    search: [subject, ...envelope.map(({ address }) => address)].join(' ').toLowerCase().slice(0, 4000),
    queuedAt,
    dueAt: queuedAt,
    expiresAt: input.expiresAt ?? after(queuedAt, keptForMs),
  }
  const rows = envelope.map(({ field, address }, position) => ({
    id: newId(),
    messageId: id,
    tenantId: route.tenantId,
    position,
    field,
    address,
    state: 'queued' as const,
    updatedAt: queuedAt,
  }))
  return {
    id,
    accountId,
    statements: tx => [
      wakeAccount(tx, accountId),
      tx.insert(messages).values(message),
      tx.insert(messageBodies).values({ messageId: id, raw }),
      tx.insert(recipients).values(rows),
      waitWithPausedAccount(tx, id, accountId),
      ...messageEvent(tx, { ...message, event: 'message.queued' }),
    ],
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
export function parseSubject(text: string): string {
  const subject = text.trim()
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(subject) || subject.length > maxSubjectLength) throw new Refusal('subjectInvalid', 'subject')
  return subject
}

type EnvelopeRecipient = { field: 'to' | 'cc' | 'bcc'; address: string }

function recipientsOf({ to, cc = [], bcc = [] }: MessageInput): EnvelopeRecipient[] {
  const all = (['to', 'cc', 'bcc'] as const).flatMap(field => ({ to, cc, bcc })[field].map(text => ({ field, address: parseAddress(text.trim()) })))
  const once = new Map(all.toReversed().map(recipient => [recipient.address.toLowerCase(), recipient]))
  const envelope = [...once.values()].toReversed()
  if (envelope.length === 0) throw new Refusal('recipientNeeded', 'to')
  if (envelope.length > maxRecipients) throw new Refusal('tooManyRecipients', 'to', { most: maxRecipients })
  return envelope
}

const parsedLines = (envelope: EnvelopeRecipient[]) => ({
  to: envelope.filter(({ field }) => field === 'to').map(({ address }) => address),
  cc: envelope.filter(({ field }) => field === 'cc').map(({ address }) => address),
})

/** A message that joins a paused queue says so from the start. */
export const waitWithPausedAccount = (tx: Db, messageId: string, accountId: string) =>
  tx
    .update(messages)
    .set({ state: 'waiting', waitingFor: 'accountPaused' })
    .where(
      and(
        eq(messages.id, messageId),
        exists(
          tx
            .select({ id: accounts.id })
            .from(accounts)
            .where(and(eq(accounts.id, accountId), eq(accounts.state, 'paused'))),
        ),
      ),
    )
