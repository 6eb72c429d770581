import { decodeWords } from 'postal-mime'
import { cutText } from '@/lib/cut-text'
import { Refusal } from '@/lib/errors'
import { parseAddress } from '@/lib/sender/address'
import type { Mailbox } from '@/lib/sender/route'
import { type HeaderField, headerLine, joinRawMessage, splitRawMessage } from './raw-header'
import { addressesIn, mailboxField, onlyMailboxOf } from './raw-mailbox'
import { rfcDate } from './rfc-date'

/** Who may stand in the header, and what the route writes there. `replyTo` null: From stays the card's own, as it came. */
export type RawAuthor = { cardAddress: string; from: Mailbox; replyTo: string | null }

type ReadRawMessage = { raw: Buffer; rfcMessageId: string; subject: string; fromName: string; to: string[]; cc: string[] }

const readableLength = 900
const encodedLength = 10_000 // more than 900 characters ever take in encoded words: up to nine of ASCII each, and what stands around them
const mostHops = 50 // RFC 5321 section 6.3: more trace fields than this are a loop

/**
 * A message that came as bytes, made ready to leave by this route: every field and the body stay as they are, but for Bcc,
 * which goes, From and Reply-To, where the route writes others, and Date and Message-ID, where they are missing
 * (RFC 6409 section 8). `trace` is put on top.
 * @throws Refusal `fromNotCard`, `senderNotCard`, `headerMalformed`, `lineBreakAlone`, `nulByte`, `mailLoop`
 */
export function readRawMessage(raw: Buffer, author: RawAuthor, made: { trace: string; rfcMessageId: string; date: Date }): ReadRawMessage {
  const { fields, body } = splitRawMessage(raw)
  const named = (name: string) => fields.filter(field => field.name === name)
  const fromName = assertAuthor(named('from'), author.cardAddress)
  for (const { value } of named('sender')) if (!isCard(onlyMailboxOf(value)?.address, author.cardAddress)) throw new Refusal('senderNotCard')
  if (named('received').length > mostHops) throw new Refusal('mailLoop')

  const rfcMessageId = /<([^<>\s]+)>/.exec(named('message-id')[0]?.value ?? '')?.[1]
  const kept = fields.filter(({ name }) => name !== 'bcc' && name !== 'resent-bcc' && !(name === 'message-id' && !rfcMessageId))
  const lines = [
    headerLine('Received', made.trace),
    ...(rfcMessageId ? [] : [headerLine('Message-ID', `<${made.rfcMessageId}>`)]),
    ...(named('date').length > 0 ? [] : [headerLine('Date', rfcDate(made.date))]),
    ...withRoute(kept, author),
  ]
  return {
    raw: joinRawMessage(lines, body),
    rfcMessageId: rfcMessageId ?? made.rfcMessageId,
    subject: readable(named('subject')[0]?.value ?? ''),
    fromName,
    to: addressesIn(named('to').map(textOf).join(',')),
    cc: addressesIn(named('cc').map(textOf).join(',')),
  }
}

/** Exactly one From with exactly one mailbox, the card's. */
function assertAuthor(froms: HeaderField[], cardAddress: string): string {
  const mailbox = froms.length === 1 ? onlyMailboxOf(froms[0]?.value ?? '') : null
  if (!mailbox || !isCard(mailbox.address, cardAddress)) throw new Refusal('fromNotCard', undefined, { address: cardAddress })
  return readable(mailbox.name)
}

/** Whether an address written somewhere is the card's e-mail: another spelling of its domain is the same address. */
export function isCard(address: string | undefined, cardAddress: string): boolean {
  if (address === undefined) return false
  if (address.toLowerCase() === cardAddress.toLowerCase()) return true
  try {
    return parseAddress(address).toLowerCase() === cardAddress.toLowerCase()
  } catch {
    return false
  }
}

/** From and Reply-To of the route in place of the program's, where it writes any: as over HTTP. */
function withRoute(fields: HeaderField[], { from, replyTo }: RawAuthor): string[] {
  if (replyTo === null) return fields.map(({ raw }) => raw)
  return fields.flatMap(({ name, raw }) => {
    if (name === 'from') return [headerLine('From', mailboxField(from)), headerLine('Reply-To', replyTo)]
    return name === 'reply-to' ? [] : [raw]
  })
}

const textOf = ({ value }: HeaderField) => value

/** A field as people read it, its encoded words (RFC 2047) decoded; only what may be kept is looked at. */
function readable(value: string): string {
  const start = value.slice(0, encodedLength)
  const decoded = start.includes('=?') ? decodeWords(start) : start
  return cutText(decoded.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').trim(), readableLength)
}
