import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { accounts, messages } from '@/db/schema'
import { resumeAccountsOf } from '@/lib/account/account'
import { pauseAccount } from '@/lib/account/pause-account'
import { resumeStatements } from '@/lib/account/resume-accounts'
import type { Actor } from '@/lib/actor/actor'
import { after, days, hours, now, shiftClock } from '@/lib/clock'
import { release, settleAfterRestore } from '@/lib/operate/settle-after-restore'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { password, savePassword, sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { enqueueMessage } from './enqueue-message'
import { cancelMessage, retryMessage } from './message'
import { sendWaitingByNewRoute } from './reroute'

const document = { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' as const }
const inTwoDays = () => after(now(), days(2))
const rowOf = async (db: Db, id: string) => (await db.select().from(messages).where(eq(messages.id, id)))[0]
const forLater = (db: Db, user: Actor, sendAt: Date) => enqueueMessage(db, user, { ...document, sendAt })

test('a message for later leaves when its time has come, and not when its account is paused and mended before', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': 'the new one' } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna@acme.test')
  const sendAt = inTwoDays()
  const { id } = await forLater(db, user, sendAt)
  await enqueueMessage(db, user, document)
  await turn(db)
  expect(await rowOf(db, id)).toMatchObject({ state: 'waiting', waitingFor: 'accountPaused' })
  await savePassword(db, user, { ...smarthost, tls: 'starttls', username: 'anna@acme.test' }, 'the new one')
  expect(await resumeAccountsOf(db, user)).toBe(1)
  await turn(db)
  expect(smarthost.received).toHaveLength(1)
  expect(await rowOf(db, id)).toMatchObject({ state: 'queued', dueAt: sendAt })
  const back = shiftClock(days(2))
  await turn(db)
  back()
  expect(await rowOf(db, id)).toMatchObject({ state: 'accepted' })
})

test('what was put off before its account was paused goes at once when that is mended', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, document)
  const [account] = await db.select().from(accounts)
  if (!account) throw new Error('no account')
  await db.update(messages).set({ state: 'waiting', dueAt: after(now(), hours(4)) })
  await pauseAccount(db, account, account.leaseNumber, { reason: 'loginRefused', text: null })
  await atomically(db, tx => resumeStatements(tx, [account.id]))
  expect((await rowOf(db, id))?.dueAt?.getTime()).toBeLessThanOrEqual(now().getTime())
})

test('neither a new route, nor a retry, nor a release after a restore sends it before', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': password } })
  const { user } = await makeCompany(db)
  const sendAt = inTwoDays()
  const { id } = await forLater(db, user, sendAt)
  await sendThrough(db, user, smarthost, 'anna@acme.test')
  expect(await sendWaitingByNewRoute(db, user, { code: user.code })).toBe(1)
  expect(await rowOf(db, id)).toMatchObject({ state: 'queued', dueAt: sendAt })
  await cancelMessage(db, user, { id })
  await retryMessage(db, user, { id })
  expect(await rowOf(db, id)).toMatchObject({ state: 'queued', dueAt: sendAt })
  await settleAfterRestore(db)
  await release(db, { sendsWaiting: true })
  expect(await rowOf(db, id)).toMatchObject({ state: 'queued', dueAt: sendAt })
  await turn(db)
  expect(smarthost.received).toHaveLength(0)
})

test('a message that is queued is not retried, and one that is to leave later is said to wait for its time until that has come', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await forLater(db, user, inTwoDays())
  await expect(retryMessage(db, user, { id })).rejects.toMatchObject({ code: 'waitsForSendAt' })
  const back = shiftClock(days(2))
  await expect(retryMessage(db, user, { id }), 'it is on its way').rejects.toMatchObject({ code: 'cannotRetry' })
  back()
  await db.update(messages).set({ state: 'accepted', endedAt: now() }).where(eq(messages.id, id)) // by an engine whose clock is ahead
  await expect(retryMessage(db, user, { id }), 'it has ended').rejects.toMatchObject({ code: 'cannotRetry' })
})
