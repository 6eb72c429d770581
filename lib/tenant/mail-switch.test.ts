import { eq, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { accounts, messages, recipients } from '@/db/schema'
import { after, days, hours, minutes, now, shiftClock } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { keepHouse } from '@/lib/outbox/housekeeping'
import { readTestSend, startTestSend } from '@/lib/test-send/test-send'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { countHeld, endRedirect, getMailSwitch, holdMail, redirectMail, releaseMail } from './mail-switch'

const invoice = { to: ['klient@example.test'], subject: 'Faktura', text: 'W załączeniu.', kind: 'document' as const }
const messageOf = async (db: Db, id: string) => (await db.select().from(messages).where(eq(messages.id, id)))[0]
const expiryOf = async (db: Db, id: string) => (await messageOf(db, id))?.expiresAt ?? new Date(0)
const stateOf = async (db: Db, id: string) => (await messageOf(db, id))?.state

test('while mail is held nothing of the company leaves, another’s does; let go, it leaves at once', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const [acme, beta] = [await makeCompany(db, 'acme'), await makeCompany(db, 'beta')]
  const before = await enqueueMessage(db, acme.user, invoice)
  await holdMail(db, acme.admin)
  const during = await enqueueMessage(db, acme.user, invoice)
  const other = await enqueueMessage(db, beta.user, invoice)
  await turn(db, relay)
  expect([await stateOf(db, before.id), await stateOf(db, during.id), await stateOf(db, other.id)]).toEqual(['queued', 'queued', 'accepted'])
  expect(await countHeld(db, acme.admin)).toBe(2)
  await releaseMail(db, acme.admin)
  expect(await getMailSwitch(db, acme.admin)).toMatchObject({ heldAt: null })
  await turn(db, relay)
  expect([await stateOf(db, before.id), await stateOf(db, during.id)]).toEqual(['accepted', 'accepted'])
})

test('what is held does not run out of time: it has days before it when it is let go, and leaves', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const [acme, beta] = [await makeCompany(db, 'acme'), await makeCompany(db, 'beta')]
  const { id } = await enqueueMessage(db, acme.user, invoice)
  const later = await enqueueMessage(db, acme.user, { ...invoice, sendAt: after(now(), days(30)) })
  const other = await enqueueMessage(db, beta.user, invoice)
  await holdMail(db, acme.admin)
  const back = shiftClock(days(6))
  await turn(db, relay) // an engine that looks finds nothing to wait for
  await keepHouse(db)
  expect([await stateOf(db, id), await stateOf(db, other.id)], 'another company’s mail is not held').toEqual(['queued', 'expired'])
  expect(await countHeld(db, acme.admin)).toBe(2)
  const letGoAt = now()
  await releaseMail(db, acme.admin)
  expect((await expiryOf(db, id)).getTime() - letGoAt.getTime()).toBeGreaterThan(days(4))
  expect((await expiryOf(db, later.id)).getTime() - letGoAt.getTime(), 'of what leaves in a month they begin in a month').toBeGreaterThan(days(28))
  await turn(db, relay)
  back()
  expect(await stateOf(db, id)).toBe('accepted')
})

test('what was held, let go and is held again does not run out of time either', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { admin, user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, invoice)
  await holdMail(db, admin)
  const back = shiftClock(days(3))
  await releaseMail(db, admin)
  await holdMail(db, admin)
  const later = shiftClock(days(9))
  await keepHouse(db)
  await keepHouse(db)
  expect(await stateOf(db, id)).toBe('queued')
  await releaseMail(db, admin)
  await turn(db, relay)
  later()
  back()
  expect(await stateOf(db, id)).toBe('accepted')
})

test('a company that lets its mail go changes nothing of what has ended, nor about when another’s leaves and runs out', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const [acme, beta] = [await makeCompany(db, 'acme'), await makeCompany(db, 'beta')]
  const gone = await enqueueMessage(db, acme.user, invoice)
  await turn(db, relay)
  const { id } = await enqueueMessage(db, beta.user, invoice)
  const rests = { dueAt: after(now(), days(4)) } // its server asked for that
  await db.update(accounts).set(rests).where(eq(accounts.tenantId, beta.tenantId))
  const before = [await expiryOf(db, gone.id), await expiryOf(db, id)]
  await holdMail(db, acme.admin)
  const back = shiftClock(days(3))
  await releaseMail(db, acme.admin)
  back()
  expect([await expiryOf(db, gone.id), await expiryOf(db, id)]).toEqual(before)
  expect(await db.select({ dueAt: accounts.dueAt }).from(accounts).where(eq(accounts.tenantId, beta.tenantId))).toEqual([rests])
})

test('a hold of an hour changes nothing about when mail runs out', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, invoice)
  const before = await expiryOf(db, id)
  await holdMail(db, admin)
  const back = shiftClock(hours(1))
  await releaseMail(db, admin)
  back()
  expect(await expiryOf(db, id)).toEqual(before)
})

test('an expiry that a program named holds, held or not', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  const [soon, late] = [after(now(), hours(1)), after(now(), days(20))]
  const [first, second] = [await enqueueMessage(db, user, { ...invoice, expiresAt: soon }), await enqueueMessage(db, user, { ...invoice, expiresAt: late })]
  await holdMail(db, admin)
  const back = shiftClock(days(6))
  await keepHouse(db)
  expect([await stateOf(db, first.id), await stateOf(db, second.id)]).toEqual(['expired', 'queued'])
  await releaseMail(db, admin)
  back()
  expect([await expiryOf(db, first.id), await expiryOf(db, second.id)]).toEqual([soon, late])
})

test('what waits for a person is not sent because it was let go', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { admin, user } = await makeCompany(db)
  const letter = await enqueueMessage(db, user, { ...invoice, kind: 'letter' })
  const poison = await enqueueMessage(db, user, invoice)
  await db
    .update(messages)
    .set({ dueAt: sql`${messages.expiresAt}` })
    .where(eq(messages.cardId, user.cardId))
  await db.update(messages).set({ state: 'unknown' }).where(eq(messages.id, letter.id))
  await db.update(messages).set({ state: 'waiting', waitingFor: 'setAside' }).where(eq(messages.id, poison.id))
  await holdMail(db, admin)
  const back = shiftClock(days(6))
  await releaseMail(db, admin)
  await turn(db, relay)
  await keepHouse(db)
  expect([await stateOf(db, letter.id), await stateOf(db, poison.id)]).toEqual(['unknown', 'waiting'])
  const later = shiftClock(days(5))
  await keepHouse(db)
  later()
  back()
  expect(relay.received).toEqual([])
  expect(await stateOf(db, poison.id)).toBe('expired')
})

test('redirected mail goes to one address and remembers whom it was for; older mail and another company’s do not', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const [acme, beta] = [await makeCompany(db, 'acme'), await makeCompany(db, 'beta')]
  const before = await enqueueMessage(db, acme.user, invoice)
  await redirectMail(db, acme.admin, { redirectTo: ' Proby@acme.test ' })
  const during = await enqueueMessage(db, acme.user, { ...invoice, to: ['a@example.test', 'b@example.test'] })
  const other = await enqueueMessage(db, beta.user, invoice)
  await expect(redirectMail(db, acme.admin, { redirectTo: '' }), 'a field left empty does not end it').rejects.toMatchObject({ field: 'redirectTo' })
  await expect(redirectMail(db, acme.admin, { redirectTo: 'other@acme.test' }), 'not over the trial of somebody else').rejects.toMatchObject({
    code: 'alreadyRedirected',
    values: { address: 'Proby@acme.test' },
  })
  expect((await getMailSwitch(db, acme.admin)).redirectTo).toBe('Proby@acme.test')
  await endRedirect(db, acme.admin)
  const afterwards = await enqueueMessage(db, acme.user, invoice)
  await turn(db, relay)
  const toOf = (id: string) => relay.received.find(({ mail }) => mail.messageId?.includes(id))?.envelopeRecipients
  expect(toOf(before.id)).toEqual(['klient@example.test'])
  expect(toOf(during.id), 'once, not for each recipient').toEqual(['Proby@acme.test'])
  expect(toOf(other.id)).toEqual(['klient@example.test'])
  expect(toOf(afterwards.id)).toEqual(['klient@example.test'])
  expect((await db.select().from(messages).where(eq(messages.id, during.id)))[0]).toMatchObject({ state: 'accepted', redirectedTo: 'Proby@acme.test' })
  expect((await db.select().from(recipients).where(eq(recipients.messageId, during.id))).map(({ address, state }) => `${address} ${state}`)).toEqual([
    'a@example.test accepted',
    'b@example.test accepted',
  ])
})

test('while mail is redirected a test goes to whom it was made for: it shows how the server answers to that address', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { admin, user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  await redirectMail(db, admin, { redirectTo: 'proby@acme.test' })
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test' })
  await turn(db)
  expect(smarthost.received.map(({ envelopeRecipients }) => envelopeRecipients)).toEqual([['anna@acme.test']])
  const { testSend } = await readTestSend(db, user, { id })
  expect(await messageOf(db, testSend.messageId)).toMatchObject({ state: 'accepted', redirectedTo: null })
})

test('a redirection ends by itself after seven days', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  await redirectMail(db, admin, { redirectTo: 'proby@acme.test' })
  const back = shiftClock(days(7) + minutes(1))
  const { id } = await enqueueMessage(db, user, invoice)
  expect(await getMailSwitch(db, user)).toEqual({ heldAt: null, redirectTo: null, redirectUntil: null })
  back()
  expect((await db.select().from(messages).where(eq(messages.id, id)))[0]?.redirectedTo).toBeNull()
})

test('only admins switch, and only to an address that is one', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  await expect(holdMail(db, user)).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(releaseMail(db, user)).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(redirectMail(db, user, { redirectTo: 'a@b.test' })).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(endRedirect(db, user)).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(redirectMail(db, admin, { redirectTo: 'nobody' })).rejects.toMatchObject({ field: 'redirectTo' })
  expect(await db.select().from(accounts)).toEqual([])
})
