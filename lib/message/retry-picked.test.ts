import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { accounts, messageContents, messages } from '@/db/schema'
import { now } from '@/lib/clock'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { enqueueMessage } from './enqueue-message'
import { retryPicked } from './message'

const document = { to: ['k@example.test'], subject: 'Faktura', text: 'x', kind: 'document' as const }

/** A company with a message that was refused, and one that was accepted. */
async function ended() {
  const db = await testDb()
  const { user, second } = await makeCompany(db)
  const [refused, accepted] = [(await enqueueMessage(db, user, document)).id, (await enqueueMessage(db, user, document)).id]
  const end = (id: string, state: 'refused' | 'accepted') => db.update(messages).set({ state, dueAt: null, endedAt: now() }).where(eq(messages.id, id))
  await end(refused, 'refused')
  await end(accepted, 'accepted')
  return { db, user, second, refused, accepted }
}

test('several messages of a paused account are not sent again, and the reason is told', async () => {
  const { db, user, second, refused, accepted } = await ended()
  await using _ = db
  await db.update(accounts).set({ state: 'paused', pauseReason: 'loginRefused', pausedAt: now() })
  await expect(retryPicked(db, user, { ids: [accepted, refused] })).rejects.toMatchObject({ code: 'accountPausedMendFirst' })
  expect(await retryPicked(db, user, { ids: [accepted] }), 'mending would not send this one').toBe(0)
  expect(await retryPicked(db, second, { ids: [refused] }), 'not theirs').toBe(0)
})

test('several messages whose texts are removed are not sent again, and the reason is told; one that can be is', async () => {
  const { db, user, refused, accepted } = await ended()
  await using _ = db
  const { id: kept } = await enqueueMessage(db, user, document)
  await db.update(messages).set({ state: 'waiting' }).where(eq(messages.id, kept))
  await db.delete(messageContents).where(eq(messageContents.messageId, refused))
  await expect(retryPicked(db, user, { ids: [accepted, refused] })).rejects.toMatchObject({ code: 'textRemoved' })
  expect(await retryPicked(db, user, { ids: [refused, kept] })).toBe(1)
})

test('of several recipients a retry goes to those alone who have not got the message', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost({ rcptReply: address => (address === 'nikt@example.test' ? { code: 550, text: '5.1.1 no such user' } : null) })
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { ...document, to: ['k@example.test', 'nikt@example.test'] })
  await turn(db, relay)
  relay.behave({ rcptReply: undefined })
  expect(await retryPicked(db, user, { ids: [id] })).toBe(1)
  await turn(db, relay)
  expect(relay.received.map(({ envelopeRecipients }) => envelopeRecipients)).toEqual([['k@example.test'], ['nikt@example.test']])
})
