import { expect, test } from 'vitest'
import { accounts, messages } from '@/db/schema'
import { hourOf, usageOf } from '@/lib/account/usage'
import { after, hours, now } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { redirectMail } from '@/lib/tenant/mail-switch'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { Allowance } from './allowance'

test('what a server did not take does not put off when the next may leave', () => {
  const limits = { name: 'x', connections: 3, connectionsOfEngine: null, perMinute: null, recipientsPerDay: 2 }
  const yesterday = { hour: after(hourOf(now()), -hours(23)), count: 1 }
  const allowance = new Allowance(() => limits, { used: 1, hours: [yesterday] }, null, [])
  allowance.begin(1)
  allowance.takeBack(1) // refused
  expect(allowance.room()).toBe(1)
  allowance.begin(1)
  expect(allowance.room()).toBe(0)
  expect(allowance.freeAt() <= after(now(), hours(3)), 'when that of yesterday counts no more').toBe(true)
})

test('a message with more recipients than are left of the day waits', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  for (const name of ['a', 'b']) {
    const to = [`${name}1@example.test`, `${name}2@example.test`]
    await enqueueMessage(db, user, { to, subject: 'Faktura', text: 'x', kind: 'document' })
  }
  await db.update(accounts).set({ learnedPerDay: 3, learnedAt: now() })
  await turn(db)
  expect(smarthost.received.map(({ envelopeRecipients }) => envelopeRecipients)).toEqual([['a1@example.test', 'a2@example.test']])
  expect((await db.select().from(messages)).map(({ state }) => state).sort()).toEqual(['accepted', 'queued'])
})

test('a message to more than a whole day bears goes when nothing else went', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  await enqueueMessage(db, user, { to: ['a@example.test', 'b@example.test', 'c@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  await db.update(accounts).set({ learnedPerDay: 2, learnedAt: now() })
  await turn(db)
  expect(smarthost.received).toHaveLength(1)
})

test('redirected mail uses up one of the day, however many it was for', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { admin, user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  await redirectMail(db, admin, { redirectTo: 'proby@acme.test' })
  await enqueueMessage(db, user, { to: ['a@example.test', 'b@example.test', 'c@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  await turn(db)
  const [{ id } = { id: '' }] = await db.select({ id: accounts.id }).from(accounts)
  expect(await usageOf(db, id)).toMatchObject({ used: 1 })
})
