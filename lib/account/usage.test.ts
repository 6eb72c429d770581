import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { accounts } from '@/db/schema'
import { after, hours, now } from '@/lib/clock'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { holdMail, releaseMail } from '@/lib/tenant/mail-switch'
import { changed } from '@/lib/testing/changed'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { password, sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { getAccountHealth } from './account-health'
import { listAccounts } from './list-accounts'
import { goneAt, listUsedUpAccounts } from './usage'

const limits = { name: 'generic', connections: 3, connectionsOfEngine: null, perMinute: null, recipientsPerDay: 100 }
const hour = (ago: number) => after(now(), -hours(ago))
const inHours = (at: Date | null) => (at ? (at.getTime() - now().getTime()) / hours(1) : 0)

test.each([
  ['nothing waits', 0, 0],
  ['what waits still fits', 40, 0],
  ['the first that is sent tomorrow follows the first of today', 41, 15],
  ['as many as were sent then', 70, 15],
  ['the next after those', 71, 23],
  ['a whole day more than fits', 140, 25],
  ['and so on, day after day', 241, 2 * 25 + 15],
])('%s: %i recipients will have gone in %i hours', (_what, recipients, gone) => {
  const usage = { used: 60, hours: [10, 2].map(ago => ({ hour: hour(ago), count: 30 })) }
  expect(inHours(goneAt(usage, limits, { messages: recipients, recipients }))).toBeCloseTo(gone, 1)
})

test('what a server takes a minute counts as well', () => {
  const none = { used: 0, hours: [] }
  expect(inHours(goneAt(none, { ...limits, perMinute: 30, recipientsPerDay: null }, { messages: 3600, recipients: 36_000 }))).toBeCloseTo(2, 1)
  expect(
    goneAt(none, { ...limits, recipientsPerDay: null }, { messages: 1_000_000, recipients: 1_000_000 }),
    'nothing is known that would hold it up',
  ).toBeNull()
})

test('an account says how much of its day is used, and one that is used up is told to who owns it and to admins', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { anna: password } })
  using _limits = changed(env.platform, { limits: [{ name: 'generic', connections: 2, recipientsPerDay: 3 }] })
  const { user, admin, second } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  await sendThrough(db, user, smarthost, 'anna')
  expect((await getAccountHealth(db, user, { code: 'ANNA' })).usage, 'nothing was sent this way yet').toBeNull()
  for (let i = 0; i < 5; i++) await enqueueMessage(db, user, { to: [`k${i}@example.test`], subject: 'List', text: 'x', kind: 'letter' })
  expect((await getAccountHealth(db, user, { code: 'ANNA' })).usage).toMatchObject({ used: 0, limit: 3, rest: 5 })
  await turn(db)
  const used = { used: 3, limit: 3, rest: 2, goneAt: expect.any(Date) }
  expect((await getAccountHealth(db, user, { code: 'ANNA' })).usage).toMatchObject(used)
  expect(await listAccounts(db, admin)).toMatchObject([{ username: 'anna', usage: used }])
  for (const actor of [user, admin]) expect(await listUsedUpAccounts(db, actor)).toMatchObject([{ label: 'anna, localhost', usage: used }])
  for (const actor of [second, other.admin]) expect(await listUsedUpAccounts(db, actor)).toEqual([])
  await holdMail(db, admin)
  expect(await listUsedUpAccounts(db, admin), 'held, it waits for a person').toEqual([])
  await releaseMail(db, admin)
  await db.update(accounts).set({ state: 'paused' }).where(eq(accounts.username, 'anna'))
  expect(await listUsedUpAccounts(db, admin), 'paused, it says something else').toEqual([])
  expect((await getAccountHealth(db, user, { code: 'ANNA' })).usage?.goneAt).toBeNull()
})

test('of messages to several, each recipient counts against the day: they have gone when the last of them fits', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { anna: password } })
  using _limits = changed(env.platform, { limits: [{ name: 'generic', connections: 1, recipientsPerDay: 10 }] })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna')
  const to = (count: number) => Array.from({ length: count }, (_, i) => `k${i}@example.test`)
  for (let i = 0; i < 4; i++) await enqueueMessage(db, user, { to: to(10), subject: 'List', text: 'x', kind: 'letter' })
  const { usage } = await getAccountHealth(db, user, { code: 'ANNA' })
  expect(usage).toMatchObject({ used: 0, limit: 10, rest: 4 })
  expect(inHours(usage?.goneAt ?? null), 'one today and one on each of three days').toBeCloseTo(3 * 25, 1)
})

test('what is to leave next month has not yet to leave today, and of what leaves in an hour nobody says that it will have gone before', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { anna: password } })
  using _limits = changed(env.platform, { limits: [{ name: 'generic', connections: 1, perMinute: 1, recipientsPerDay: 100 }] })
  const { user, admin } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna')
  const queue = (sendAt?: Date) => enqueueMessage(db, user, { to: ['k@example.test'], subject: 'List', text: 'x', kind: 'letter', sendAt })
  const usage = async () => (await getAccountHealth(db, user, { code: 'ANNA' })).usage
  for (let i = 0; i < 30; i++) await queue(after(now(), hours(30 * 24)))
  expect(await usage()).toMatchObject({ rest: 0, goneAt: null })
  const inAnHour = after(now(), hours(1))
  for (const sendAt of [undefined, undefined, inAnHour]) await queue(sendAt)
  expect(await usage()).toMatchObject({ rest: 3, goneAt: inAnHour })
  await holdMail(db, admin)
  expect(await usage(), 'held, it goes when somebody lets it').toMatchObject({ rest: 3, goneAt: null })
})
