import type { Db } from '@/db/client'
import { findOrCreateAccount } from '@/lib/account/find-account'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { domainOf } from '@/lib/sender/address'
import type { Route } from '@/lib/sender/route'
import { accountOf, type PreparedMessage, queueAt, writeMessage } from './prepare-message'
import { readRawMessage, rfcDate } from './raw-message'

/** The delivery reports a program asked for (RFC 3461); null or empty: as the server pleases. */
export type DsnRequest = { ret: string | null; envid: string | null; recipients: { address: string; notify: string[] | null; orcpt: string | null }[] }

/** `recipients` are the envelope's, parsed; `protocol` names how it came in, as a Received field does (RFC 3848). */
export type RawMessageInput = { raw: Buffer; recipients: string[]; dsn: DsnRequest | null; protocol: string }

/**
 * A message that came as bytes, as the rows it becomes. It leaves as it came, under the route's From and Reply-To; a recipient
 * who stands in neither To nor Cc is a blind copy.
 * @throws Refusal those of readRawMessage, and of prepareMessage
 */
export async function prepareRawMessage(db: Db, route: Route, { raw, recipients, dsn, protocol }: RawMessageInput): Promise<PreparedMessage> {
  const account = await findOrCreateAccount(db, route.tenantId, accountOf(route))
  if (!route.from) throw new Refusal('noEmail')
  const from = route.from.value
  const replyTo = route.replyTo?.value ?? null
  const [id, date] = [newId(), now()]
  const trace = `by ${new URL(env.appUrl).hostname} (Posthorn) with ${protocol}\r\n id ${id}; ${rfcDate(date)}`
  const rfcMessageId = `${id}@${domainOf(from.address)}`
  const read = readRawMessage(raw, { cardAddress: replyTo ?? from.address, from, replyTo }, { trace, rfcMessageId, date })
  const named = (field: string[]) => recipients.filter(address => field.includes(address.toLowerCase()))
  const [to, cc] = [named(read.to), named(read.cc)]
  const bcc = recipients.filter(address => !to.includes(address) && !cc.includes(address))
  const asBytes = { id, raw: read.raw, rfcMessageId: read.rfcMessageId }
  const written = writeMessage(route, { to, cc, bcc, subject: read.subject, text: '', kind: 'document', asBytes })
  const fromName = replyTo === null ? read.fromName : from.name
  return queueAt({ ...written, message: { ...written.message, fromName, dsn } }, account)
}
