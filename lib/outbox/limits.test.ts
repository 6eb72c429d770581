import { eq } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { accountHours, accounts, attempts, messages } from '@/db/schema'
import { type Limits, limitsOf, profileOf } from '@/lib/account/limits'
import { hourOf, usageOf } from '@/lib/account/usage'
import { after, days, hours, minutes, now, seconds, shiftClock } from '@/lib/clock'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { retryMessages } from '@/lib/message/message'
import { changed } from '@/lib/testing/changed'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { type Act, startStepServer } from '@/lib/testing/step-server'
import { Allowance } from './allowance'
import { claimAccounts } from './lease'

const account = {
  kind: 'smtp',
  host: 'smtp.example.test',
  username: null,
  learnedAt: null,
  learnedConnections: null,
  learnedPerMinute: null,
  learnedPerDay: null,
} as const

test.each([
  [{ kind: 'microsoft365', host: 'smtp.office365.com' }, 'microsoft365', 10_000],
  [{ host: 'smtp.gmail.com', username: 'anna@gmail.com' }, 'gmail', 500],
  [{ host: 'SMTP.gmail.com', username: 'anna@acme.test' }, 'googleWorkspace', 2000],
  [{ host: 'mail.acme.test', username: 'anna@acme.test' }, 'generic', null],
  [{ kind: 'relay', host: null }, 'relay', null],
] as const)('%o has the limits of %s', (served, name, recipientsPerDay) => {
  expect(profileOf({ ...account, ...served })).toMatchObject({ name, recipientsPerDay })
})

test('what a server said is forgotten slowly, and never raises the operator’s figure', () => {
  const taught = { ...account, host: 'smtp.office365.com', learnedAt: now(), learnedConnections: 1, learnedPerMinute: 10, learnedPerDay: 3000 }
  expect(limitsOf(taught)).toMatchObject({ connections: 1, perMinute: 10, recipientsPerDay: 3000 })
  expect(limitsOf(taught, after(now(), hours(8)))).toMatchObject({ connections: 2, perMinute: 21, recipientsPerDay: 6430 })
  expect(limitsOf(taught, after(now(), hours(48)))).toMatchObject({ connections: 3, perMinute: 30, recipientsPerDay: 10_000 })
})

test('of any sixty seconds no more messages leave than a minute allows, across leases', () => {
  const limits = { name: 'x', connections: 3, connectionsOfEngine: null, perMinute: 30, recipientsPerDay: null }
  const begun: number[] = []
  let pacedUntil: Date | null = null
  const backs: (() => void)[] = []
  for (let second = 0; second < 180; second++) {
    const allowance = new Allowance(() => limits, { used: 0, hours: [] }, pacedUntil, []) // a new lease every second
    while (allowance.room() > 0) {
      allowance.begin(1)
      begun.push(second)
    }
    pacedUntil = allowance.pacedUntil ?? pacedUntil
    backs.push(shiftClock(1000))
  }
  for (const back of backs) back()
  for (let from = 0; from < 120; from++) expect(begun.filter(at => at >= from && at < from + 60).length).toBeLessThanOrEqual(30)
  expect(begun.length, 'and nearly as many').toBeGreaterThan(75)
})

const letter = (i: number) => ({ to: [`k${i}@example.test`], subject: 'List', text: 'Dzień dobry.', kind: 'letter' as const })

test('a quota of a day keeps the rest until the first of it is a day old', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  using _limits = changed(env.platform, { limits: [{ name: 'generic', connections: 2, recipientsPerDay: 3 }] })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  for (let i = 0; i < 5; i++) await enqueueMessage(db, user, letter(i))
  await turn(db)
  expect(smarthost.received).toHaveLength(3)
  const [held] = await db.select().from(accounts)
  expect(await usageOf(db, held?.id ?? '')).toMatchObject({ used: 3 })
  expect(held?.dueAt?.getTime(), 'a day, and what was left of the hour').toBeGreaterThan(after(now(), hours(24)).getTime() - seconds(20))
  await turn(db)
  expect(smarthost.received, 'not one more').toHaveLength(3)
  const back = shiftClock(hours(25))
  await turn(db)
  back()
  expect(smarthost.received).toHaveLength(5)
  expect(await db.select().from(accountHours)).toHaveLength(2)
})

test('in no 24 hours does more leave than the quota, wherever in its hour the first of it left', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  using _limits = changed(env.platform, { limits: [{ name: 'generic', connections: 2, recipientsPerDay: 3 }] })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  const lastMinute = after(hourOf(now()), minutes(59)) // of an hour: counted as one whole hour
  const backs = [shiftClock(lastMinute.getTime() - now().getTime())]
  const leftAfter = async (ms: number) => {
    backs.push(shiftClock(ms))
    await db.update(accounts).set({ dueAt: lastMinute }) // whatever it was to wait for
    await turn(db)
    return smarthost.received.length
  }
  for (let i = 0; i < 5; i++) await enqueueMessage(db, user, letter(i))
  const left = [await leftAfter(0), await leftAfter(hours(23.5)), await leftAfter(hours(0.5) + minutes(1))]
  for (const back of backs) back()
  expect(left).toEqual([3, 3, 5])
})

const dailyLimit = { code: 550, text: '5.4.5 Daily user sending limit exceeded.' }

test('a quota that was used up elsewhere waits and is no refusal, and teaches nothing about its size', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ mailReply: dailyLimit })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  const { id } = await enqueueMessage(db, user, letter(1))
  const other = await enqueueMessage(db, user, letter(2))
  await turn(db)
  const [message] = await db.select().from(messages).where(eq(messages.id, id))
  expect(message).toMatchObject({ state: 'waiting', waitingFor: 'quota', endedAt: null })
  expect(message?.dueAt?.getTime()).toBeGreaterThan(after(now(), minutes(59)).getTime())
  expect((await db.select().from(messages).where(eq(messages.id, other.id)))[0], 'what is behind it is not tried').toMatchObject({
    state: 'queued',
    attemptCount: 0,
  })
  expect(await db.select().from(accounts)).toMatchObject([{ state: 'active', learnedAt: null, learnedPerDay: null }])
})

test('a server whose quota stays used up is asked by one message every hour or two, and gets the rest when it takes mail', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ mailReply: dailyLimit })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  for (let i = 0; i < 20; i++) await enqueueMessage(db, user, letter(i))
  const began = now()
  const backs: (() => void)[] = []
  const waitForIt = async () => {
    const [account] = await db.select().from(accounts)
    backs.push(shiftClock((account?.dueAt?.getTime() ?? 0) - now().getTime() + 1))
  }
  const askedAt: number[] = []
  while (now() < after(began, hours(24))) {
    askedAt.push(Math.round((now().getTime() - began.getTime()) / hours(1)))
    await turn(db)
    await waitForIt()
  }
  const tried = await db.select().from(attempts)
  smarthost.behave({ mailReply: undefined })
  await turn(db)
  for (const back of backs) back()
  expect(askedAt.slice(0, 5)).toEqual([0, 1, 2, 4, 6])
  expect(tried).toHaveLength(askedAt.length)
  expect(smarthost.received.length, 'what was tried keeps its own wait').toBeGreaterThan(5)
})

test('a server whose quota is used up is not asked again because something new was queued, but because a person wants it', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ mailReply: dailyLimit })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  const { id } = await enqueueMessage(db, user, letter(1))
  await turn(db)
  for (let i = 2; i < 5; i++) {
    await enqueueMessage(db, user, letter(i))
    await turn(db)
  }
  expect(await db.select().from(attempts), 'the account rests').toHaveLength(1)
  smarthost.behave({ mailReply: undefined })
  await retryMessages(db, user, { ids: [id] })
  await turn(db)
  expect(smarthost.received).toHaveLength(4)
})

test.each([
  ['550 Domain acme.test has exceeded the max emails per hour (200/200 (100%)) allowed.', { learnedPerMinute: 3 }],
  ['450 4.7.1 Hourly limit exceeded', { learnedPerMinute: null }],
  ['451 4.7.1 Daily quota exceeded', { learnedPerMinute: null }],
])('"%s" lets the account rest, and is no limit of a day', async (said, learned) => {
  await using db = await testDb()
  const [code = '', ...text] = said.split(' ')
  await using smarthost = await startSmarthost({ mailReply: { code: Number(code), text: text.join(' ') } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  for (let i = 0; i < 5; i++) await enqueueMessage(db, user, letter(i))
  await turn(db)
  const [account] = await db.select().from(accounts)
  expect(account).toMatchObject({ ...learned, learnedPerDay: null })
  expect(account?.dueAt?.getTime()).toBeGreaterThan(after(now(), minutes(59)).getTime())
  expect(await db.select().from(attempts), 'the others would get the same answer').toHaveLength(1)
})

test.each([
  ['432 4.3.2 Concurrent connections limit exceeded', { learnedConnections: 1 }],
  ['421 4.7.0 Too many messages, slow down', { learnedPerMinute: 1 }],
  ['421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address.', { learnedPerMinute: 1 }],
  ['451 4.7.1 Received too many messages from a new or untrusted IP', { learnedPerMinute: 1 }],
  ['452 4.3.2 Connection rate limit exceeded.', { learnedPerMinute: 1 }],
  ['451 4.7.1 Greylisted, try again in five minutes', null],
  ['451 4.7.1 Put off by the corporate policy', null],
])('%s lowers the limit where it speaks of one', async (said, learned) => {
  await using db = await testDb()
  const [code = '', ...text] = said.split(' ')
  await using smarthost = await startSmarthost({ mailReply: { code: Number(code), text: text.join(' ') } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  await enqueueMessage(db, user, letter(1))
  await turn(db)
  expect(await db.select().from(accounts)).toMatchObject([learned ?? { learnedAt: null }])
})

test.each([
  [5, '', 5, 'whatever turn they left in'],
  [3, '', null, 'others must have used it, too'],
  [5, '4 messages per day', 4, 'the server names it'],
  [5, '2 messages per day', 5, 'it took more than that: the figure is of something else'],
])('%i recipients of a day of eight, and "%s", teach that a day is %s: %s', async (count, said, learnedPerDay, why) => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  using _limits = changed(env.platform, { limits: [{ name: 'generic', connections: 3, recipientsPerDay: 8 }] })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  for (let i = 0; i < count; i++) await enqueueMessage(db, user, letter(i))
  await turn(db)
  smarthost.behave({ mailReply: { ...dailyLimit, text: `${dailyLimit.text} ${said}` } })
  await enqueueMessage(db, user, letter(6))
  await turn(db)
  expect(await db.select().from(accounts), why).toMatchObject([{ learnedPerDay }])
})

test.each([
  ['400 messages per hour', 6, 'the server names it'],
  ['30 messages per hour', 10, 'it took far more than that: the figure is of something else'],
])('a server that took 600 of an hour and says "%s" is learned to bear %i a minute: %s', async (said, learnedPerMinute, why) => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ mailReply: { code: 450, text: `4.7.1 Hourly limit exceeded, ${said}` } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  await enqueueMessage(db, user, letter(1))
  const [{ id: accountId } = { id: '' }] = await db.select({ id: accounts.id }).from(accounts)
  await db.insert(accountHours).values({ accountId, tenantId: user.tenantId, hour: hourOf(now()), recipientCount: 600 })
  await turn(db)
  expect(await db.select().from(accounts), why).toMatchObject([{ learnedPerMinute }])
})

test('a limit that was learned is not waited out after it has grown', () => {
  const taught = { ...account, learnedAt: now(), learnedPerDay: 60 }
  const usedUp = () => ({ used: 60, hours: [{ hour: hourOf(now()), count: 60 }] })
  const allowance = (limitsAt: (at: Date) => Limits) => new Allowance(limitsAt, usedUp(), null, [])
  expect(allowance(at => limitsOf(taught, at)).freeAt() < after(now(), hours(2)), 'a tenth more every hour').toBe(true)
  expect(allowance(() => ({ ...limitsOf(taught), recipientsPerDay: 60 })).freeAt() > after(now(), hours(24)), 'the operator’s own figure stays').toBe(true)
})

test('a rate that is learned is of the last minute, and brings back no quota that was forgotten', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  const begun = new Map<string, number[]>() // an engine's
  for (let i = 0; i < 10; i++) await enqueueMessage(db, user, letter(i))
  await turn(db, undefined, { begun })
  await db.update(accounts).set({ learnedPerDay: 5, learnedAt: after(now(), -days(10)) })
  smarthost.behave({ mailReply: { code: 450, text: '4.7.0 Too many messages, slow down' } })
  await enqueueMessage(db, user, letter(11))
  await turn(db, undefined, { begun })
  expect(await db.select().from(accounts)).toMatchObject([{ learnedPerMinute: 5, learnedPerDay: null }])
})

test('recipients that a server refused use up no quota', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ rcptReply: address => (address.startsWith('nikt') ? { code: 550, text: '5.1.1 No such user' } : null) })
  using _limits = changed(env.platform, { limits: [{ name: 'generic', connections: 1, recipientsPerDay: 3 }] })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  for (let i = 0; i < 3; i++) await enqueueMessage(db, user, { ...letter(i), to: [`nikt${i}@example.test`] })
  for (let i = 0; i < 3; i++) await enqueueMessage(db, user, letter(i))
  await turn(db)
  expect(smarthost.received).toHaveLength(3)
})

test('one message that a server breaks off over does not keep the others of its account waiting for hours', async () => {
  await using db = await testDb()
  await using server = await startStepServer((point, recipients) => (point === 'data' && recipients.includes('trucizna@example.test') ? 'drop' : 'go'))
  const { user } = await makeCompany(db)
  await sendThrough(db, user, { port: server.port, tls: 'none' })
  const { id } = await enqueueMessage(db, user, { ...letter(1), to: ['trucizna@example.test'] })
  await enqueueMessage(db, user, letter(2))
  await db.update(messages).set({ attemptCount: 6 }).where(eq(messages.id, id))
  await turn(db)
  expect(server.taken, 'its connection is given up').toHaveLength(0)
  const back = shiftClock(minutes(16))
  await turn(db)
  back()
  expect(server.taken).toHaveLength(1)
})

test('a connection that breaks beside others that work keeps the rest of its account waiting for seconds, not minutes', async () => {
  await using db = await testDb()
  await using server = await startStepServer((point, recipients) => (point === 'data' && recipients.includes('trucizna@example.test') ? 'drop' : 'go'))
  const { user } = await makeCompany(db)
  await sendThrough(db, user, { port: server.port, tls: 'none' })
  await enqueueMessage(db, user, letter(1))
  await turn(db)
  await enqueueMessage(db, user, { ...letter(2), to: ['trucizna@example.test'] })
  for (let number = 3; number <= 12; number++) await enqueueMessage(db, user, letter(number))
  const back = shiftClock(seconds(10))
  await turn(db)
  const later = shiftClock(seconds(6))
  await turn(db)
  later()
  back()
  expect(server.taken).toHaveLength(11)
})

test('a server that answers on one connection rests as it says, though another breaks without a word', async () => {
  await using db = await testDb()
  const isAnswered = async () => (await db.select().from(attempts).where(eq(attempts.replyCode, 421))).length > 0
  await using server = await startStepServer(async (point, [address]): Promise<Act> => {
    if (point !== 'data') return 'go'
    if (address === 'zajety@example.test') return '421 4.3.2 Shutting down'
    if (address !== 'k1@example.test') await vi.waitFor(async () => expect(await isAnswered()).toBe(true), { timeout: 20_000 })
    return address === 'zerwane@example.test' ? 'drop' : 'go'
  })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, { port: server.port, tls: 'none' })
  await enqueueMessage(db, user, letter(1))
  await turn(db)
  for (const to of ['zajety@example.test', 'zerwane@example.test', 'klient@example.test', 'nastepny@example.test'])
    await enqueueMessage(db, user, { ...letter(2), to: [to] })
  await turn(db)
  const [account] = await db.select().from(accounts)
  expect(account?.dueAt?.getTime()).toBeGreaterThan(after(now(), seconds(30)).getTime())
})

test('an invoice goes before letters that were queued first, and companies take turns', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const [acme, beta] = [await makeCompany(db, 'acme'), await makeCompany(db, 'beta')]
  await sendThrough(db, acme.user, smarthost)
  for (let i = 0; i < 4; i++) await enqueueMessage(db, acme.user, letter(i))
  await enqueueMessage(db, acme.user, { ...letter(9), to: ['faktura@example.test'], kind: 'document' })
  await turn(db)
  expect(smarthost.received[0]?.envelopeRecipients).toEqual(['faktura@example.test'])
  for (const actor of [acme.user, acme.admin, acme.second]) await enqueueMessage(db, actor, letter(1))
  await enqueueMessage(db, beta.user, letter(1))
  const busy = new Map([[acme.tenantId, 1]])
  const [first] = await claimAccounts(db, 'one', { limit: 1, queue: 'mail', busy })
  expect(first?.tenantId, 'the company with nothing in work comes first').toBe(beta.tenantId)
})
