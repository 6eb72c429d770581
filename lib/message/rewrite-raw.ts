import type { Mailbox } from '@/lib/sender/route'
import { type HeaderField, headerLine, joinRawMessage, splitRawMessage } from './raw-header'
import { mailboxField, onlyMailboxOf } from './raw-mailbox'
import { isCard } from './raw-message'
import { rfcDate } from './rfc-date'

/** Whom the route that holds now names. `hadReplyTo`: the Reply-To there was written by the route before it, not by the program. */
type NewAuthor = { from: Mailbox; replyTo: string | null; hadReplyTo: boolean }

type Rewritten = { raw: Buffer; fromName: string | null } // null: From stays as it came

/** A message that came as bytes, under the From and Reply-To of another route. Every other field and the body stay as they are. */
export function rewriteForRoute(raw: Buffer, author: NewAuthor): Rewritten {
  const { fields, body } = splitRawMessage(raw)
  const { lines, fromName } = authored(fields, author)
  return { raw: joinRawMessage(lines, body), fromName }
}

type Again = { to: string; rfcMessageId: string; date: Date }

/** The same as a new message to one other recipient: Message-ID and date of its own, and a reference to the one before (RFC 5322 section 3.6.4). */
export function rewriteForResend(raw: Buffer, author: NewAuthor, { to, rfcMessageId, date }: Again): Rewritten {
  const { fields, body } = splitRawMessage(raw)
  const value = (name: string) => fields.find(field => field.name === name)?.value ?? ''
  const references = referencesWith(value('references'), value('message-id'))
  const anew = ['to', 'cc', 'message-id', 'date', 'references']
  const { lines, fromName } = authored(
    fields.filter(({ name }) => !anew.includes(name)),
    author,
  )
  const own = [
    headerLine('Message-ID', `<${rfcMessageId}>`),
    headerLine('Date', rfcDate(date)),
    headerLine('To', to),
    ...(references ? [headerLine('References', references)] : []),
  ]
  return { raw: joinRawMessage([...lines, ...own], body), fromName }
}

/** The messages before this one, the last of them last; the first of a long thread and its end (as RFC 5537 section 3.4.4 shortens it). */
export function referencesWith(earlier: string, messageId: string): string {
  const ids = `${earlier} ${messageId}`.match(/<[^<>\s]+>/g) ?? []
  const [first = '', ...others] = ids
  const last: string[] = []
  let length = first.length
  for (const id of others.toReversed()) {
    length += id.length + 1
    if (length > 900) break
    last.unshift(id)
  }
  return [first, ...last].join(' ')
}

function authored(fields: HeaderField[], { from, replyTo, hadReplyTo }: NewAuthor): { lines: string[]; fromName: string | null } {
  const author = fields.find(({ name }) => name === 'from')
  const stays = replyTo === null && !hadReplyTo && author !== undefined && isCard(onlyMailboxOf(author.value)?.address, from.address)
  if (stays) return { lines: fields.map(({ raw }) => raw), fromName: null }
  const keepsReplyTo = replyTo === null && !hadReplyTo
  const lines = fields.flatMap(({ name, raw }) => {
    if (name === 'from') return [headerLine('From', mailboxField(from)), ...(replyTo === null ? [] : [headerLine('Reply-To', replyTo)])]
    return name === 'reply-to' && !keepsReplyTo ? [] : [raw]
  })
  return { lines, fromName: from.name }
}
