import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { expect, test } from 'vitest'
import { atomically, NothingMatched } from '@/db/atomically'
import { closeDb, type Db, migrateDb, openDb, openSqlite, poolOf } from '@/db/client'
import { accounts, attempts, inHand, installations, messages, recipients, tenants, testSends } from '@/db/schema'
import { pauseAccount } from '@/lib/account/pause-account'
import { resumeStatements } from '@/lib/account/resume-accounts'
import type { Actor } from '@/lib/actor/actor'
import { after, days, hours, now, shiftClock } from '@/lib/clock'
import { env } from '@/lib/env'
import { createSession, findSession } from '@/lib/login/session'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { leaveMessages, retryMessages } from '@/lib/message/message'
import { Hand } from '@/lib/outbox/hand'
import { isHeld } from '@/lib/outbox/hold'
import { keepHouse } from '@/lib/outbox/housekeeping'
import { Journal } from '@/lib/outbox/journal'
import { claimAccounts } from '@/lib/outbox/lease'
import { runEngine } from '@/lib/outbox/run-engine'
import { takeDue } from '@/lib/outbox/take-due'
import { senderForm } from '@/lib/sender/sender.form'
import { readTestSend, startTestSend } from '@/lib/test-send/test-send'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { relayAt, sendThrough, turn } from '@/lib/testing/outbox'
import { type Smarthost, startSmarthost } from '@/lib/testing/smtp-server'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { deliver, listen } from '@/lib/testing/webhooks'
import { claimWebhooks, drainWebhook } from '@/lib/webhook/deliver'
import { listDeliveries, sendTestEvent } from '@/lib/webhook/delivery'
import { getWebhook } from '@/lib/webhook/webhook'
import { backUp, restore } from './backup'
import { assertNotRestoring, beginRestoring, endRestoring } from './restoring'
import { findHeldAt, release, settleAfterRestore } from './settle-after-restore'

const numbered = (number: number) => ({ to: ['klient@example.test'], subject: `Faktura ${number}`, text: 'W załączeniu.', kind: 'document' as const })

function folder(): { file: string } & Disposable {
  const made = mkdtempSync(path.join(tmpdir(), 'posthorn-backup-'))
  return { file: path.join(made, 'backup.db'), [Symbol.dispose]: () => rmSync(made, { recursive: true, force: true }) }
}

async function company(db: Db, smarthost: Smarthost): Promise<Actor> {
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  return user
}

function startEngine(db: Db): AsyncDisposable {
  const stop = new AbortController()
  const running = runEngine(db, { signal: stop.signal, engineId: 'one', mode: 'live', relay: relayAt({ port: 1 }), pollMs: 10 })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}

const stateOf = async (db: Db, { id }: { id: string }) => (await db.select().from(messages).where(eq(messages.id, id)))[0]?.state
const received = (smarthost: Smarthost) => smarthost.received.map(({ mail }) => mail.subject).sort()
const states = async (db: Db) => [...new Set((await db.select({ state: messages.state }).from(messages)).map(({ state }) => state))].sort()

test.skipIf(isPostgres)('a backup taken while an engine sends is restored, and nothing that was accepted goes twice', async () => {
  const db = await testDb()
  await using smarthost = await startSmarthost()
  using place = folder()
  const user = await company(db, smarthost)
  for (let number = 1; number <= 12; number++) await enqueueMessage(db, user, numbered(number))
  {
    await using _engine = startEngine(db)
    await expect.poll(() => smarthost.received.length, { interval: 1, timeout: 10_000 }).toBeGreaterThan(2)
    await backUp(db, place.file)
    expect(statSync(place.file).mode & 0o077, 'it holds everybody’s mail').toBe(0)
    await expect(restore(place.file), 'not while somebody uses the database').rejects.toThrow('in use')
    await expect.poll(() => smarthost.received.length, { timeout: 10_000 }).toBe(12)
  }
  await closeDb(db)

  const { unknown, keptAs } = await restore(place.file)
  expect(keptAs && statSync(keptAs).size).toBeGreaterThan(0)
  const restored = openDb()
  expect(unknown).toBeLessThan(12)
  expect(await states(restored)).toEqual(unknown > 0 ? ['accepted', 'unknown'] : ['accepted'])
  expect(await findHeldAt(restored)).not.toBeNull()
  await enqueueMessage(restored, user, numbered(13))
  {
    await release(restored, { sendsWaiting: false })
    await using _engine = startEngine(restored)
    await expect.poll(() => received(smarthost), { timeout: 10_000 }).toContain('Faktura 13')
  }
  expect(received(smarthost), 'each once').toHaveLength(13)
  await closeDb(restored)
  await db[Symbol.asyncDispose]()
})

test('while held nothing leaves; released, what waited in the backup is for people, or goes when the operator says so', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const user = await company(db, smarthost)
  const old = await enqueueMessage(db, user, numbered(1))
  const session = await createSession(db, user.loginId, user.tenantId)
  expect(await settleAfterRestore(db)).toEqual({ unknown: 1 })
  expect(await findSession(db, session), 'they may have been signed out since').toBeNull()
  expect(await db.select({ state: recipients.state }).from(recipients)).toEqual([{ state: 'unknown' }])
  const fresh = await enqueueMessage(db, user, numbered(2))
  await turn(db)
  expect(received(smarthost), 'held').toEqual([])

  await release(db, { sendsWaiting: false })
  await turn(db)
  expect(received(smarthost)).toEqual(['Faktura 2'])
  expect([await stateOf(db, old), await stateOf(db, fresh)]).toEqual(['unknown', 'accepted'])
  expect(await retryMessages(db, user, { ids: [old.id] }), 'a person decides').toBe(1)
  await turn(db)
  expect(await stateOf(db, old)).toBe('accepted')

  const third = await enqueueMessage(db, user, numbered(3))
  await settleAfterRestore(db)
  expect(await release(db, { sendsWaiting: true })).toEqual({ queued: 1 })
  await turn(db)
  expect([await stateOf(db, third), received(smarthost)]).toEqual(['accepted', ['Faktura 1', 'Faktura 2', 'Faktura 3']])
})

test('what was at its final dot when the backup was taken is never sent by the operator’s word', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const user = await company(db, smarthost)
  const { id } = await enqueueMessage(db, user, numbered(1))
  const [account] = await claimAccounts(db, 'of the backup', { limit: 1, queue: 'mail' })
  if (!account) throw new Error('nothing is due')
  const hand = new Hand({ accountId: account.id, number: account.leaseNumber })
  const [attempt] = await takeDue(db, hand, { limit: 1, aborting: new AbortController().signal })
  if (!attempt) throw new Error('nothing was taken up')
  await new Journal(db, hand, user.tenantId, new AbortController().signal).mark(attempt)
  await settleAfterRestore(db)
  expect(await release(db, { sendsWaiting: true })).toEqual({ queued: 0 })
  await turn(db)
  expect([await stateOf(db, { id }), received(smarthost)]).toEqual(['unknown', []])
  expect(await db.select().from(attempts)).toMatchObject([{ messageId: id, outcome: 'unknown', errorCode: 'restored', dataEndingAt: expect.any(Date) }])
  expect(await db.select().from(inHand)).toEqual([])
})

test('what nobody knows of and would be tried again by itself waits for a person after a restore', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const user = await company(db, smarthost)
  const mail = await enqueueMessage(db, user, numbered(1))
  await db.update(messages).set({ state: 'unknown', dataAt: now() })
  expect(await settleAfterRestore(db)).toEqual({ unknown: 1 })
  await release(db, { sendsWaiting: true })
  await turn(db)
  expect([await stateOf(db, mail), received(smarthost)]).toEqual(['unknown', []])
})

test('who has a message by the backup does not get it again, whatever a person decides for the others', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ rcptReply: address => (address.startsWith('zajety') ? { code: 450, text: '4.2.1 Try later' } : null) })
  const user = await company(db, smarthost)
  const { id } = await enqueueMessage(db, user, { ...numbered(1), to: ['klient@example.test', 'zajety@example.test'] })
  await turn(db)
  await settleAfterRestore(db)
  await release(db, { sendsWaiting: false })
  smarthost.behave({ rcptReply: undefined })
  await retryMessages(db, user, { ids: [id] })
  await turn(db)
  expect(smarthost.received.map(({ envelopeRecipients }) => envelopeRecipients)).toEqual([['klient@example.test'], ['zajety@example.test']])
})

test('a test that waited in the backup is not made, and the password it was to try is gone', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const user = await company(db, smarthost)
  const values = senderForm.parse({ choice: 'smtp', server: smarthost.server, tls: 'starttls', username: 'anna@acme.test', password: 'sesam' })
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test', values })
  await settleAfterRestore(db)
  await release(db, { sendsWaiting: true })
  await turn(db)
  expect(received(smarthost)).toEqual([])
  expect(await readTestSend(db, user, { id })).toMatchObject({ ended: true, testSend: { outcome: 'unknown' } })
  expect(await db.select({ valuesSealed: testSends.valuesSealed }).from(testSends)).toEqual([{ valuesSealed: null }])
  expect(await states(db)).toEqual(['cancelled'])
})

test('an engine that was cut off while its database was restored puts no final dot to what it had begun', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const user = await company(db, smarthost)
  await enqueueMessage(db, user, numbered(1))
  const [account] = await claimAccounts(db, 'cut off', { limit: 1, queue: 'mail' })
  if (!account) throw new Error('nothing is due')
  const hand = new Hand({ accountId: account.id, number: account.leaseNumber })
  const [attempt] = await takeDue(db, hand, { limit: 1, aborting: new AbortController().signal })
  if (!attempt) throw new Error('nothing was taken up')
  await settleAfterRestore(db) // of a backup taken under the same lease
  await expect(new Journal(db, hand, user.tenantId, new AbortController().signal).mark(attempt)).rejects.toThrow(NothingMatched)
  expect(await release(db, { sendsWaiting: true }), 'so it may be sent by the operator’s word').toEqual({ queued: 1 })
})

test('an engine that was cut off while its database was restored switches no webhook off, and another posts to it at once', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin } = await makeCompany(db)
  const { id: webhookId } = await listen(db, admin, receiver.url)
  await sendTestEvent(db, admin, { webhookId })
  const [cutOff] = await claimWebhooks(db, { limit: 1 })
  if (!cutOff) throw new Error('nothing is due')
  await settleAfterRestore(db) // of a backup taken under the same lease
  receiver.answer(response => void response.writeHead(410).end()) // to the address that was saved since
  await drainWebhook(db, { mode: 'sandbox', signal: new AbortController().signal }, cutOff)
  expect(await getWebhook(db, admin, { id: webhookId })).toMatchObject({ isActive: true, failingSince: null })
  receiver.answer(response => void response.writeHead(204).end())
  expect(await deliver(db)).toBe(1)
  expect((await listDeliveries(db, admin, { webhookId })).rows).toMatchObject([{ state: 'delivered', attemptCount: 1 }])
})

test('what is sent by the operator’s word and cannot leave says why, and leaves when its account is mended', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const user = await company(db, smarthost)
  const mail = await enqueueMessage(db, user, numbered(1))
  const [account] = await db.select().from(accounts)
  if (!account) throw new Error('there is no account')
  await pauseAccount(db, account, account.leaseNumber, { reason: 'tlsFailed', text: null })
  await settleAfterRestore(db)
  await release(db, { sendsWaiting: true })
  expect(await db.select({ state: messages.state, waitingFor: messages.waitingFor }).from(messages).where(eq(messages.id, mail.id))).toEqual([
    { state: 'waiting', waitingFor: 'accountPaused' },
  ])
  await atomically(db, tx => resumeStatements(tx, [account.id]))
  await turn(db)
  expect(await stateOf(db, mail)).toBe('accepted')
})

test('what somebody chose to leave after a restore is not sent by the operator’s word', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const user = await company(db, smarthost)
  const [left, open] = [await enqueueMessage(db, user, numbered(1)), await enqueueMessage(db, user, numbered(2))]
  await settleAfterRestore(db)
  expect(await leaveMessages(db, user, { ids: [left.id] })).toBe(1)
  expect(await release(db, { sendsWaiting: true })).toEqual({ queued: 1 })
  await turn(db)
  expect([await stateOf(db, left), await stateOf(db, open)]).toEqual(['unknown', 'accepted'])
})

test('what an old backup held is sent when the operator says so, and expires no sooner than five days from then', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const user = await company(db, smarthost)
  const old = await enqueueMessage(db, user, numbered(1))
  const named = await enqueueMessage(db, user, { ...numbered(2), expiresAt: after(now(), hours(1)) })
  const back = shiftClock(days(6))
  await settleAfterRestore(db)
  const fresh = await enqueueMessage(db, user, numbered(3))
  const later = shiftClock(days(6))
  await turn(db)
  await keepHouse(db)
  expect(await release(db, { sendsWaiting: true }), 'what a program wanted sent within the hour does not leave').toEqual({ queued: 1 })
  await keepHouse(db)
  await turn(db)
  later()
  back()
  expect([await stateOf(db, old), await stateOf(db, named), await stateOf(db, fresh)]).toEqual(['accepted', 'expired', 'accepted'])
  expect(received(smarthost)).toEqual(['Faktura 1', 'Faktura 3'])
})

test.skipIf(isPostgres)('nobody else reads a backup, not even while it is written', async () => {
  await using db = await testDb()
  using place = folder()
  const written = backUp(db, place.file)
  const { ino, mode } = statSync(`${place.file}.unfinished`)
  expect(mode & 0o077).toBe(0)
  await written
  expect(statSync(place.file)).toMatchObject({ ino, mode })
})

test.skipIf(isPostgres)('a backup that cannot be made leaves nothing on the disk that it may have filled, and says which file it was', async () => {
  await using db = await testDb()
  using place = folder()
  await closeDb(db)
  await expect(backUp(db, place.file)).rejects.toThrow(`${place.file} could not be written: `)
  expect(existsSync(`${place.file}.unfinished`)).toBe(false)
})

test.skipIf(isPostgres)('what is no backup is refused, and the database stays', async () => {
  await using db = await testDb()
  using place = folder()
  const user = (await makeCompany(db)).user
  await db.update(installations).set({ mode: 'live' })
  await backUp(db, place.file)
  await expect(backUp(db, place.file), 'never over another').rejects.toThrow('exists already')
  await closeDb(db)
  await expect(restore(place.file), 'of a live installation, into a sandbox').rejects.toThrow('RELAY_URL is not set')
  writeFileSync(place.file, 'not a database')
  await expect(restore(place.file)).rejects.toThrow(`${place.file} is not a whole SQLite database: file is not a database`)
  const still = openDb()
  expect(await still.select().from(messages).where(eq(messages.tenantId, user.tenantId))).toEqual([])
  await closeDb(still)
  expect(statSync(env.database.dialect === 'sqlite' ? env.database.file : '').size).toBeGreaterThan(0)
})

test('what an older build made without preparing it is held after a restore, too', async () => {
  await using db = await testDb({ isPrepared: false })
  const { user } = await makeCompany(db)
  await settleAfterRestore(db)
  expect(await findHeldAt(db)).not.toBeNull()
  expect(await isHeld(db, user.tenantId)).toBe(true)
})

test.runIf(isPostgres)('a restore that was broken off lets no engine start before what it brought is held', async () => {
  await using db = await testDb()
  await db.update(installations).set({ mode: 'live' })
  await assertNotRestoring(db)
  await beginRestoring(db)
  await expect(assertNotRestoring(db)).rejects.toThrow('posthorn restore --restored')
  await migrateDb(db) // for what it brought
  await settleAfterRestore(db)
  await endRestoring(db)
  await assertNotRestoring(db)
  expect(await findHeldAt(db)).not.toBeNull()
})

test.runIf(isPostgres)('a file that is no backup leaves the mark of a restore that was broken off, and makes none', async () => {
  await using _db = await testDb()
  using place = folder()
  writeFileSync(place.file, 'no backup')
  for (const isBrokenOff of [false, true]) {
    const before = openDb()
    await makeCompany(before, isBrokenOff ? 'globex' : 'acme')
    if (isBrokenOff) await beginRestoring(before)
    await closeDb(before)
    await expect(restore(place.file)).rejects.toThrow('pg_restore')
    const after = openDb()
    const answer = assertNotRestoring(after)
    await (isBrokenOff ? expect(answer).rejects.toThrow('broken off') : answer)
    expect(await after.$count(tenants), 'and what there was').toBe(isBrokenOff ? 2 : 1)
    await migrateDb(after) // whose list is there, too
    await closeDb(after)
  }
})

test.runIf(isPostgres)('a backup of an older version is put in place of a newer one, and brought up to date', async () => {
  await using db = await testDb()
  await makeCompany(db)
  await poolOf(db).query('create table of_another_program as select 1 as "row"')
  await beginRestoring(db)
  await restoreOlder(db, 14)
  await beginRestoring(db) // broken off there, and run again
  await restoreOlder(db, 14)
  await migrateDb(db)
  await settleAfterRestore(db)
  await endRestoring(db)
  expect(await db.$count(tenants), 'nothing is left of what there was').toBe(0)
  expect(await findHeldAt(db)).not.toBeNull()
  expect((await poolOf(db).query("select schemaname from pg_tables where tablename = 'tenant'")).rows).toEqual([{ schemaname: 'public' }])
  expect((await poolOf(db).query('select * from of_another_program')).rows, 'what is not ours stays').toHaveLength(1)
})

/** What `pg_restore` brings of a version that knew so many migrations. */
async function restoreOlder(db: Db, count: number): Promise<void> {
  using made = folder()
  const older = path.dirname(made.file)
  cpSync('db/migrations/postgres', older, { recursive: true })
  const journal = path.join(older, 'meta/_journal.json')
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8'))
  writeFileSync(journal, JSON.stringify({ ...rest, entries: entries.slice(0, count) }))
  await migrate(drizzle(poolOf(db)), { migrationsFolder: older })
}

test.skipIf(isPostgres)('of a restore that was broken off nothing gets into the next one', async () => {
  await using db = await testDb()
  using place = folder()
  const target = env.database.dialect === 'sqlite' ? env.database.file : ''
  await backUp(db, place.file)
  copyFileSync(place.file, `${target}.restoring`)
  const brokenOff = openSqlite(`${target}.restoring`)
  await makeCompany(brokenOff)
  copyFileSync(`${target}.restoring-wal`, `${place.file}-left`)
  await closeDb(brokenOff)
  copyFileSync(`${place.file}-left`, `${target}.restoring-wal`) // as a power cut leaves it
  await closeDb(db)
  await restore(place.file)
  const restored = openDb()
  expect(await restored.select().from(tenants)).toEqual([])
  await closeDb(restored)
})
