import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { type Db, poolOf } from '@/db/client'
import { messages, recipients } from '@/db/schema'
import { after, days, minutes, now, shiftClock } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { keepHouse } from './housekeeping'

const document = { subject: 'Faktura 1/11/2026', text: 'W załączeniu faktura.', kind: 'document' as const }

async function statesOf(db: Db, id: string): Promise<string[]> {
  const [message] = await db.select({ state: messages.state }).from(messages).where(eq(messages.id, id))
  const addressed = await db.select({ state: recipients.state }).from(recipients).where(eq(recipients.messageId, id))
  return [message, ...addressed].map(row => row?.state ?? 'gone')
}

test('mail that waited five days expires, that of a paused account too', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: {} })
  const { user, second } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna@acme.test')
  const paused = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  await turn(db)
  const queued = await enqueueMessage(db, second, { to: ['klient@example.test'], ...document })
  const back = shiftClock(days(5))
  await keepHouse(db)
  back()
  for (const { id } of [paused, queued]) expect(await statesOf(db, id)).toEqual(['expired', 'expired'])
})

test('mail whose time is over does not leave, though nobody has ended it yet', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  const over = await enqueueMessage(db, user, { to: ['kod@example.test'], ...document, expiresAt: after(now(), minutes(5)) })
  await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  const back = shiftClock(minutes(6)) // no engine ran meanwhile
  await turn(db, relay)
  back()
  expect(relay.received.map(({ envelopeRecipients }) => envelopeRecipients)).toEqual([['klient@example.test']])
  expect(await statesOf(db, over.id)).toEqual(['queued', 'queued'])
})

test('a message that somebody retries while the housekeeping ends it keeps its recipients', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const [waiting, unknown] = [
    await enqueueMessage(db, user, { to: ['a@example.test'], ...document }),
    await enqueueMessage(db, user, { to: ['b@example.test'], ...document }),
  ]
  await db.update(messages).set({ expiresAt: after(now(), -minutes(1)) })
  await db.update(messages).set({ state: 'unknown' }).where(eq(messages.id, unknown.id))
  const retried = `update message set state = 'queued' where id = '${unknown.id}'`
  if (isPostgres) {
    await poolOf(db).query(`create function retried() returns trigger language plpgsql as $$ begin ${retried}; return new; end $$`)
    await poolOf(db).query(`create trigger t before update on message for each row when (old.id = '${waiting.id}') execute function retried()`)
  } else db.$client.exec(`create trigger t before update on message when old.id = '${waiting.id}' begin ${retried}; end`)
  await keepHouse(db)
  expect(await db.select({ state: recipients.state }).from(recipients).where(eq(recipients.messageId, unknown.id))).toEqual([{ state: 'queued' }])
})
