import type { SMTPServerSession } from 'smtp-server'
import type { Db } from '@/db/client'
import { acceptMessages } from '@/lib/message/accept-messages'
import { prepareRawMessage } from '@/lib/message/prepare-raw-message'
import type { DsnRequest } from '@/lib/transport/dsn'
import type { Program } from './program'

/** Stores what came in; when this resolves it is durable. Gives the queue id. @throws Refusal for what cannot leave so */
export async function takeMessage(db: Db, program: Program, session: SMTPServerSession, raw: Buffer): Promise<string> {
  const { envelope, transmissionType } = session
  if (!program.way) throw new Error('a message came in before its sender')
  const prepared = prepareRawMessage(program.way, {
    raw,
    recipients: envelope.rcptTo.map(({ address }) => address),
    dsn: dsnOf(session),
    protocol: transmissionType,
  })
  await acceptMessages(db, [prepared], 'smtp')
  return prepared.id
}

/** What was asked for in the way of delivery reports (RFC 3461); null: nothing. */
function dsnOf({ envelope: { dsn, rcptTo } }: SMTPServerSession): DsnRequest | null {
  const asked = rcptTo.flatMap(({ address, dsn: wish }) => (wish ? [{ address, notify: wish.notify ?? null, orcpt: wish.orcpt ?? null }] : []))
  if (!dsn?.ret && !dsn?.envid && asked.length === 0) return null
  return { ret: dsn?.ret ?? null, envid: dsn?.envid ?? null, recipients: asked }
}
