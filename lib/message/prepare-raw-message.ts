import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { domainOf } from '@/lib/sender/address'
import type { DsnRequest } from '@/lib/transport/dsn'
import type { Way } from './find-way'
import { type PreparedMessage, queueAt, writeMessage } from './prepare-message'
import { readRawMessage } from './raw-message'
import { rfcDate } from './rfc-date'

const { hostname } = new URL(env.appUrl)

/** `recipients` are the envelope's, parsed; `protocol` names how it came in, as a Received field does (RFC 3848). */
type RawMessageInput = { raw: Buffer; recipients: string[]; dsn: DsnRequest | null; protocol: string }

/**
 * A message that came as bytes, as the rows it becomes. It leaves as it came, under the route's From and Reply-To; a recipient
 * who stands in neither To nor Cc is a blind copy.
 * @throws Refusal those of readRawMessage, and of prepareMessage
 */
export function prepareRawMessage({ route, account }: Way, { raw, recipients, dsn, protocol }: RawMessageInput): PreparedMessage {
  if (!route.from) throw new Refusal('noEmail')
  const from = route.from.value
  const replyTo = route.replyTo?.value ?? null
  const [id, date] = [newId(), now()]
  const trace = `by ${hostname} (Posthorn) with ${protocol}\r\n id ${id}; ${rfcDate(date)}`
  const rfcMessageId = `${id}@${domainOf(from.address)}`
  const read = readRawMessage(raw, { cardAddress: replyTo ?? from.address, from, replyTo }, { trace, rfcMessageId, date })
  const named = (field: string[]) => recipients.filter(address => field.includes(address.toLowerCase()))
  const [to, cc] = [named(read.to), named(read.cc)]
  const bcc = recipients.filter(address => !to.includes(address) && !cc.includes(address))
  const asBytes = { id, raw: read.raw, rfcMessageId: read.rfcMessageId }
  const written = writeMessage(route, { to, cc, bcc, subject: read.subject, text: '', kind: 'document', asBytes })
  written.message.fromName = replyTo === null ? read.fromName : from.name
  written.message.dsn = dsn
  return queueAt(written, account)
}
