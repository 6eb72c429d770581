import { eq, ne } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { atomically, NothingMatched } from '@/db/atomically'
import { type Db, poolOf } from '@/db/client'
import { accounts, attempts, messages, webhookDeliveries } from '@/db/schema'
import { pauseAccount } from '@/lib/account/pause-account'
import { resumeStatements } from '@/lib/account/resume-accounts'
import { after, days, hours, minutes, now, seconds, shiftClock } from '@/lib/clock'
import { log } from '@/lib/log'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { getMessage } from '@/lib/message/message'
import { startTestSend } from '@/lib/test-send/test-send'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { seenStates, takeInHand } from '@/lib/testing/in-hand'
import { engineFor, sendThrough, turn } from '@/lib/testing/outbox'
import { startScripted, startSmarthost } from '@/lib/testing/smtp-server'
import { startHoldingServer } from '@/lib/testing/step-server'
import { createWebhook } from '@/lib/webhook/webhook'
import { drainAccount } from './drain-account'
import { Hand } from './hand'
import { keepHouse } from './housekeeping'
import { Journal } from './journal'
import { claimAccounts, giveBack, type Lease } from './lease'
import { outcomeOf } from './outcome'
import { recoverMessages } from './recover'
import { uncomposed } from './result'
import { runEngine } from './run-engine'
import { type Attempt, takeDue } from './take-due'

const document = { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' as const }
const message = async (db: Db) => (await db.select().from(messages).where(ne(messages.kind, 'notice')))[0]
const relayAt = (port: number) => ({ host: '127.0.0.1', port, tls: 'none' as const, login: null, trust: 'platform' as const })

/** An engine that took up what is due, and of which nothing more is heard. */
async function takeUp(db: Db, ...limits: number[]) {
  const [account] = await claimAccounts(db, 'dying', { limit: 1, queue: 'mail' })
  if (!account) throw new Error('nothing is due')
  const lease: Lease = { accountId: account.id, number: account.leaseNumber }
  const [hand, aborting] = [new Hand(lease), new AbortController().signal]
  const taken: Attempt[] = []
  for (const limit of limits.length > 0 ? limits : [10]) taken.push(...(await takeDue(db, hand, { limit, aborting })))
  return { lease, account, hand, taken, journal: new Journal(db, hand, account.tenantId, aborting) }
}

test('a letter whose answer was cut off by the stop of its engine asks a person, and is not sent again by the next', async () => {
  await using db = await testDb()
  await using server = await startHoldingServer()
  const { user } = await makeCompany(db)
  server.hold()
  await enqueueMessage(db, user, { ...document, kind: 'letter' })
  const stop = new AbortController()
  const running = runEngine(db, { signal: stop.signal, engineId: 'one', mode: 'live', relay: relayAt(server.port), pollMs: 10, graceMs: 50, lastAnswerMs: 50 })
  await vi.waitFor(() => expect(server.unanswered()).toBe(1), { timeout: 10_000 })
  stop.abort()
  await running
  expect(await message(db)).toMatchObject({ state: 'unknown', dueAt: null })
})

test('an engine that is stopped waits for the answer to what it has handed over: a restart sends nothing twice', async () => {
  await using db = await testDb()
  await using server = await startHoldingServer()
  await using silent = await startScripted(() => undefined)
  const { user, second } = await makeCompany(db)
  server.hold()
  const { id } = await enqueueMessage(db, user, document)
  await sendThrough(db, second, silent)
  const other = await enqueueMessage(db, second, document)
  const stop = new AbortController()
  const running = runEngine(db, { signal: stop.signal, engineId: 'one', mode: 'live', relay: relayAt(server.port), pollMs: 10, graceMs: 50 })
  const state = async (id: string) => (await getMessage(db, user, { id })).message.state
  await vi.waitFor(() => expect(server.unanswered()).toBe(1), { timeout: 10_000 })
  await vi.waitFor(async () => expect((await getMessage(db, second, { id: other.id })).message.state).toBe('sending'), { timeout: 10_000 })
  stop.abort()
  await vi.waitFor(async () => expect((await getMessage(db, second, { id: other.id })).message.state, 'the grace is over').toBe('queued'), { timeout: 10_000 })
  server.answer()
  await running
  expect(await state(id)).toBe('accepted')
  expect(server.taken.map(({ messageId }) => messageId.includes(id))).toEqual([true])
})

test('a message put off after its final dot and taken up again is not unknown because its engine died over others', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, document)
  await enqueueMessage(db, user, { ...document, kind: 'letter' })
  const { lease, hand, taken, journal } = await takeUp(db)
  const [putOff] = taken
  if (!putOff) throw new Error('nothing was taken up')
  await Promise.all(taken.map(attempt => journal.mark(attempt)))
  await journal.end(putOff, outcomeOf(putOff, { ...uncomposed(putOff), blame: 'recipient', phase: 'reply', errorCode: 'timeout', dataEnded: true }))
  const back = shiftClock(minutes(2))
  try {
    const again = await takeDue(db, hand, { limit: 10, aborting: new AbortController().signal })
    expect(again.map(({ message }) => message.id)).toEqual([id])
    await giveBack(db, lease, null)
    await turn(db, relay, { id: 'two' })
  } finally {
    back()
  }
  expect(await seenStates(db)).toEqual(['accepted', 'unknown'])
})

test('a recovery that is cut short forgets no final dot', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  const letter = { ...document, kind: 'letter' as const }
  const [, other] = [await enqueueMessage(db, user, letter), await enqueueMessage(db, user, letter)]
  const { lease, taken, journal } = await takeUp(db, 1, 1) // two rows in hand
  await Promise.all(taken.map(attempt => journal.mark(attempt)))
  await giveBack(db, lease, null)
  if (isPostgres) {
    await poolOf(db).query(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`)
    await poolOf(db).query(`create trigger t before update on message for each row when (new.id = '${other.id}') execute function refuse()`)
  } else db.$client.exec(`create trigger t before update on message when new.id = '${other.id}' begin select raise(fail, 'no'); end`)
  await expect(turn(db, relay, { id: 'two' })).rejects.toThrow()
  if (isPostgres) await poolOf(db).query('drop trigger t on message')
  else db.$client.exec('drop trigger t')
  const back = shiftClock(minutes(2))
  await turn(db, relay, { id: 'three' })
  back()
  expect(await seenStates(db)).toEqual(['unknown', 'unknown'])
  expect(relay.received).toHaveLength(0)
})

test('an engine that stood still before its recovery until another had the account recovers nothing: what died is counted once', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  const [plain] = [await enqueueMessage(db, user, document), await enqueueMessage(db, user, { ...document, kind: 'letter' })]
  const { taken, journal } = await takeUp(db)
  await journal.mark(taken[1] as Attempt)
  const backs = [shiftClock(minutes(1))]
  const [older] = await claimAccounts(db, 'two', { limit: 1, queue: 'mail' })
  backs.push(shiftClock(minutes(1)))
  const [newer] = await claimAccounts(db, 'three', { limit: 1, queue: 'mail' })
  if (!older || !newer) throw new Error('nothing is due')
  await expect(recoverMessages(db, { accountId: older.id, number: older.leaseNumber })).rejects.toThrow(NothingMatched)
  expect(await db.select().from(attempts)).toEqual([])
  await drainAccount(db, engineFor(relay, { id: 'three' }), newer)
  for (const back of backs) back()
  expect(await seenStates(db)).toEqual(['accepted', 'unknown'])
  const died = await db.select({ leaseNumber: attempts.leaseNumber }).from(attempts).where(eq(attempts.errorCode, 'engineDied'))
  expect(died).toHaveLength(2)
  expect(relay.received.map(({ mail }) => mail.messageId?.includes(plain.id))).toEqual([true])
})

test('what a lease took up and could not put back is found by the next, though nothing else is due', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, document)
  const { lease } = await takeUp(db)
  await giveBack(db, lease, null)
  await turn(db, relay, { id: 'two' })
  expect(await message(db)).toMatchObject({ state: 'accepted' })
})

test.runIf(isPostgres).each(['40P01', '40001', '25006'])('an outcome that PostgreSQL undid with %s is written again: no second copy leaves', async code => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, document)
  await poolOf(db).query(`create sequence once`)
  await poolOf(db).query(
    `create function fail_once() returns trigger language plpgsql as $$ begin if nextval('once') = 1 then raise exception 'x' using errcode = '${code}'; end if; return new; end $$`,
  )
  await poolOf(db).query(`create trigger t before update on message for each row when (new.state = 'accepted') execute function fail_once()`)
  await turn(db, relay)
  expect(await message(db)).toMatchObject({ state: 'accepted', attemptCount: 1 })
  const back = shiftClock(hours(1))
  await turn(db, relay)
  back()
  expect(relay.received).toHaveLength(1)
})

test('a clock that jumps forward while a server thinks makes no second copy', { timeout: 60_000 }, async () => {
  await using db = await testDb()
  await using server = await startHoldingServer()
  await using other = await startSmarthost()
  const [{ user }, beta] = [await makeCompany(db), await makeCompany(db, 'beta')]
  await sendThrough(db, beta.user, other)
  server.hold()
  const { id } = await enqueueMessage(db, user, document)
  const stop = new AbortController()
  const running = runEngine(db, { signal: stop.signal, engineId: 'one', mode: 'live', relay: relayAt(server.port), pollMs: 10 })
  await vi.waitFor(() => expect(server.unanswered()).toBe(1), { timeout: 10_000 })
  const back = shiftClock(seconds(45))
  await enqueueMessage(db, beta.user, document)
  await vi.waitFor(() => expect(other.received, 'the engine has looked for accounts since').toHaveLength(1), { timeout: 10_000 })
  server.answer()
  const state = async () => (await db.select().from(messages).where(eq(messages.id, id)))[0]?.state
  await vi.waitFor(async () => expect(await state()).toBe('accepted'), { timeout: 20_000 })
  stop.abort()
  await running
  back()
  expect(server.taken).toHaveLength(1)
})

test('of a message that its engine died over, the program hears what is known of each recipient', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { admin, user } = await makeCompany(db)
  await createWebhook(db, admin, { url: 'http://localhost:1024/', events: ['message.unknown'] })
  const { id } = await enqueueMessage(db, user, { ...document, to: ['klient@example.test', 'pelna@example.test'] })
  relay.behave({ rcptReply: address => (address === 'pelna@example.test' ? { code: 452, text: '4.2.2 mailbox full' } : null) })
  await turn(db, relay, { id: 'one' }) // one of them has it
  const back = shiftClock(hours(1))
  try {
    const { lease, taken, journal } = await takeUp(db)
    await Promise.all(taken.map(attempt => journal.mark(attempt))) // the final dot may have followed
    await giveBack(db, lease, null)
    await turn(db, relay, { id: 'two' })
  } finally {
    back()
  }
  const [delivery] = await db.select().from(webhookDeliveries)
  expect(delivery).toMatchObject({ event: 'message.unknown', subjectId: id })
  expect(JSON.parse(delivery?.facts ?? '')).toMatchObject({
    error: 'engineDied',
    recipients: [
      { address: 'klient@example.test', state: 'accepted' },
      { address: 'pelna@example.test', state: 'unknown', reply: { code: 452, enhancedStatus: '4.2.2' } },
    ],
  })
})

test('who has a message already does not get it again because an engine died over it at the final dot for another', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, { ...document, to: ['klient@example.test', 'pelna@example.test'] })
  relay.behave({ rcptReply: address => (address === 'pelna@example.test' ? { code: 452, text: '4.2.2 mailbox full' } : null) })
  await turn(db, relay)
  relay.behave({ rcptReply: undefined })
  const backs = [shiftClock(hours(1))]
  const { lease, taken, journal } = await takeUp(db)
  await Promise.all(taken.map(attempt => journal.mark(attempt)))
  await giveBack(db, lease, null)
  await turn(db, relay, { id: 'two' })
  backs.push(shiftClock(hours(1)))
  await turn(db, relay, { id: 'two' })
  for (const back of backs) back()
  expect(await message(db)).toMatchObject({ state: 'accepted' })
  expect(relay.received.map(({ envelopeRecipients }) => envelopeRecipients)).toEqual([['klient@example.test'], ['pelna@example.test']])
})

test('of what an engine took up together, a recovery takes nothing that had left for lost, and tells nobody of it again', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { admin, user } = await makeCompany(db)
  await createWebhook(db, admin, { url: 'http://localhost:1024/', events: ['message.accepted'] })
  const left = await enqueueMessage(db, user, document)
  await turn(db, relay)
  const open = await enqueueMessage(db, user, document)
  await takeInHand(db, [left.id, open.id]) // of what is done nothing is written until all of it is
  await turn(db, relay, { id: 'two' })
  const tried = await db.select().from(attempts)
  const outcomesOf = (id: string) => tried.filter(({ messageId }) => messageId === id).map(({ outcome }) => outcome)
  expect([outcomesOf(left.id), outcomesOf(open.id)]).toEqual([['accepted'], ['waiting', 'accepted']])
  expect((await db.select().from(webhookDeliveries)).map(({ subjectId }) => subjectId)).toEqual([left.id, open.id])
  expect(relay.received).toHaveLength(2)
})

test('a letter that its server put off after the data is no unknown one because an engine died before it was offered again', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost({ dataReply: { code: 451, text: '4.7.1 greylisted' } })
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, { ...document, kind: 'letter' })
  await turn(db, relay)
  relay.behave({ dataReply: undefined })
  const backs = [shiftClock(hours(1))]
  await takeUp(db)
  backs.push(shiftClock(minutes(1)))
  await turn(db, relay, { id: 'two' })
  for (const back of backs) back()
  expect(await message(db)).toMatchObject({ state: 'accepted' })
})

test.runIf(isPostgres)('an engine whose clock is ahead of the database’s takes nothing: others may still be sending it', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, document)
  const said = vi.spyOn(log, 'error')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes(1) })
  try {
    const stop = new AbortController()
    const running = runEngine(db, { signal: stop.signal, engineId: 'ahead', mode: 'live', relay: relayAt(relay.port), pollMs: 10 })
    await vi.waitFor(() => expect(said).toHaveBeenCalledWith(expect.objectContaining({ event: 'clockApart' }), expect.any(String)), { timeout: 10_000 })
    stop.abort()
    await running
  } finally {
    vi.useRealTimers()
    said.mockRestore()
  }
  expect(await db.select({ state: messages.state }).from(messages).where(eq(messages.id, id))).toEqual([{ state: 'queued' }])
  expect(relay.received).toHaveLength(0)
})

test('what an engine left behind in an account that was paused before it died waits for the mending, and expires', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna@acme.test')
  await enqueueMessage(db, user, document)
  const { account, lease } = await takeUp(db)
  await pauseAccount(db, account, lease.number, { reason: 'loginRefused', text: '535 no' }) // by another lane, or by the daily check
  await keepHouse(db)
  expect(await seenStates(db), 'its engine may live').toContain('sending')
  const minute = shiftClock(minutes(1))
  await keepHouse(db)
  expect(await message(db)).toMatchObject({ state: 'waiting', waitingFor: 'accountPaused' })
  const back = shiftClock(days(6))
  await keepHouse(db)
  back()
  minute()
  expect(await message(db)).toMatchObject({ state: 'expired' })
})

test('after an engine died messages of its account leave one at a time, so that one that kills takes no other with it', async () => {
  await using db = await testDb()
  await using server = await startHoldingServer()
  const { user } = await makeCompany(db)
  for (let i = 0; i < 4; i++) await enqueueMessage(db, user, document)
  await takeUp(db)
  const back = shiftClock(minutes(1))
  server.hold()
  const [account] = await claimAccounts(db, 'two', { limit: 1, queue: 'mail' })
  if (!account) throw new Error('nothing is due')
  const proven = { ...account, lastAcceptedAt: new Date() } // its server is not what is slow
  const draining = drainAccount(db, { ...engineFor(server), relay: relayAt(server.port) }, proven)
  await vi.waitFor(() => expect(server.unanswered()).toBe(1), { timeout: 10_000 })
  expect((await seenStates(db)).filter(state => state === 'sending')).toHaveLength(1)
  server.answer()
  await draining
  back()
  expect(await db.$count(messages, eq(messages.state, 'accepted'))).toBe(4)
})

test('a message that engines died over stays set aside when its account is paused and mended: it does not kill the next', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  const { id } = await enqueueMessage(db, user, document)
  for (let death = 0; death < 3; death++) {
    const { lease } = await takeUp(db)
    await giveBack(db, lease, null)
  }
  const other = await enqueueMessage(db, user, { ...document, sendAt: after(now(), hours(1)) })
  await turn(db)
  const [account] = await db.select().from(accounts)
  if (!account) throw new Error('there is no account')
  const waiting = async (id: string) => (await getMessage(db, user, { id })).message
  expect(await waiting(id)).toMatchObject({ state: 'waiting', waitingFor: 'setAside' })
  await pauseAccount(db, account, account.leaseNumber, { reason: 'tlsFailed', text: null })
  expect([await waiting(id), await waiting(other.id)]).toMatchObject([{ waitingFor: 'setAside' }, { waitingFor: 'accountPaused' }])
  await atomically(db, tx => resumeStatements(tx, [account.id]))
  await turn(db)
  expect([await waiting(id), await waiting(other.id)]).toMatchObject([{ state: 'waiting', waitingFor: 'setAside' }, { state: 'queued' }])
  expect(smarthost.received).toEqual([])
})

test('a message that its server put off again and again is not set aside because an engine died over it once', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost({ rcptReply: { code: 451, text: '4.7.1 greylisted' } })
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, document)
  const backs: (() => void)[] = []
  for (let tried = 0; tried < 3; tried++) {
    await turn(db, relay)
    backs.push(shiftClock(hours(1)))
  }
  await takeUp(db)
  backs.push(shiftClock(minutes(1)))
  relay.behave({ rcptReply: undefined })
  await turn(db, relay)
  for (const back of backs) back()
  expect(await message(db)).toMatchObject({ state: 'accepted' })
})

test('a test that was taken up just before the stop is run by the next engine', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test' })
  for (const account of await claimAccounts(db, 'one', { limit: 1, queue: 'test' })) {
    await drainAccount(db, { ...engineFor(relay), stopping: AbortSignal.abort() }, account)
  }
  await turn(db, relay)
  expect(await message(db)).toMatchObject({ state: 'accepted' })
})
