import type { SMTPServerSession } from 'smtp-server'
import type { Db } from '@/db/client'
import { now, seconds } from '@/lib/clock'
import { acceptMessages } from '@/lib/message/accept-messages'
import { findWay, type Way } from '@/lib/message/find-way'
import { prepareRawMessage } from '@/lib/message/prepare-raw-message'
import type { DsnRequest } from '@/lib/transport/dsn'
import type { Program } from './program'

/** Stores what came in; when this resolves it is durable. Gives the queue id. @throws Refusal for what cannot leave so */
export async function takeMessage(db: Db, program: Program, session: SMTPServerSession, raw: Buffer): Promise<string> {
  const { envelope, transmissionType } = session
  const prepared = prepareRawMessage(await wayNow(db, program), {
    raw,
    recipients: envelope.rcptTo.map(({ address }) => address),
    dsn: dsnOf(session),
    protocol: transmissionType,
  })
  await acceptMessages(db, [prepared], 'smtp')
  return prepared.id
}

const freshMs = seconds(1) // nearly every message is here by then, and costs no second look

/** Of a message that was long in coming: what an admin has switched meanwhile, as where all mail goes instead, holds for it. */
async function wayNow(db: Db, { way, actor: { tenantId, cardId } }: Program): Promise<Way> {
  if (!way) throw new Error('a message came in before its sender')
  return now().getTime() - way.foundAt.getTime() < freshMs ? way : findWay(db, tenantId, cardId)
}

/** What was asked for in the way of delivery reports (RFC 3461); null: nothing. */
function dsnOf({ envelope: { dsn, rcptTo } }: SMTPServerSession): DsnRequest | null {
  const asked = rcptTo.flatMap(({ address, dsn: wish }) => (wish ? [{ address, notify: wish.notify ?? null, orcpt: wish.orcpt ?? null }] : []))
  if (!dsn?.ret && !dsn?.envid && asked.length === 0) return null
  return { ret: dsn?.ret ?? null, envid: dsn?.envid ?? null, recipients: asked }
}
