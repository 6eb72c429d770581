import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { type Db, poolOf } from '@/db/client'
import { accounts, credentials, messages, senders, testSends, testSteps } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { minutes, shiftClock } from '@/lib/clock'
import { explain } from '@/lib/diagnosis/explain-failure'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { cancelMessage, getMessage } from '@/lib/message/message'
import { keepHouse } from '@/lib/outbox/housekeeping'
import { senderForm } from '@/lib/sender/sender.form'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { password, sendThrough, turn } from '@/lib/testing/outbox'
import { type Smarthost, startSmarthost } from '@/lib/testing/smtp-server'
import { StepWriter } from './step-writer'
import { readTestSend, startTestSend, testSendAsText } from './test-send'

const username = 'anna@acme.test'
const values = (smarthost: Smarthost, typed = password) =>
  senderForm.parse({ choice: 'smtp', server: smarthost.server, tls: 'starttls', username, password: typed })

test('unsaved values are tested by the code that delivers mail, step by step, and leave no trace', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { [username]: password } })
  const { user } = await makeCompany(db)
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test', values: values(smarthost) })
  const [sealed] = await db.select().from(testSends)
  expect(sealed?.valuesSealed).toMatch(/^v1\./)
  expect(JSON.stringify(sealed)).not.toContain(password)
  expect(await readTestSend(db, user, { id })).toMatchObject({ ended: false, steps: [] })

  await turn(db)
  const { testSend, steps, ended } = await readTestSend(db, user, { id })
  expect(ended).toBe(true)
  expect(testSend).toMatchObject({ outcome: 'accepted', route: { server: { value: { host: 'localhost' } } } })
  expect(steps.map(({ step }) => `${step.phase} ${step.state}`)).toEqual(
    ['dns', 'connect', 'tls', 'ehlo', 'auth', 'mail', 'rcpt', 'data', 'reply'].map(phase => `${phase} done`),
  )
  expect(steps.at(-1)?.step.facts).toMatchObject({ queueId: '1', reply: { code: 250 } })
  expect(smarthost.received[0]).toMatchObject({ username, envelopeRecipients: ['anna@acme.test'], mail: { subject: 'Test message (ANNA)' } })
  const [wiped] = await db.select().from(testSends)
  expect(wiped?.valuesSealed).toBeNull()
  expect(JSON.stringify(await db.select().from(testSteps))).not.toContain(password)
  expect(await db.select().from(senders), 'it changes no configuration').toHaveLength(0)
  expect(await readTestSend(db, user, { id, afterPosition: 7 })).toMatchObject({ steps: [{ position: 8 }] })
})

test('a test that waits its turn cannot be cancelled as mail can', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { [username]: password } })
  const { user } = await makeCompany(db)
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test', values: values(smarthost) })
  const { testSend } = await readTestSend(db, user, { id })
  await expect(cancelMessage(db, user, { id: testSend.messageId })).rejects.toMatchObject({ code: 'cannotCancel' })
  await turn(db)
  expect(await readTestSend(db, user, { id })).toMatchObject({ ended: true, testSend: { outcome: 'accepted' } })
})

test('a wrong password on screen fails the test and pauses no account', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { [username]: password } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, username)
  const mail = await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test', values: values(smarthost, 'mistyped') })
  await turn(db)
  const { testSend, steps } = await readTestSend(db, user, { id })
  expect(testSend.outcome).toBe('refused')
  expect(steps.at(-1)?.step).toMatchObject({ phase: 'auth', state: 'failed', facts: { username, mechanism: 'PLAIN', reply: { code: 535 } } })
  expect((await getMessage(db, user, { id: testSend.messageId })).message).toMatchObject({ state: 'refused', dueAt: null })
  expect((await db.select().from(accounts)).every(({ state }) => state === 'active')).toBe(true)
  expect((await getMessage(db, user, { id: mail.id })).message.state).toBe('accepted')
})

test.each(['saved', 'on screen'] as const)('a test whose password, %s, no key opens ends and says so; the account is not paused for it', async where => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { [username]: password } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, username)
  const input = { code: 'ANNA', to: 'anna@acme.test', ...(where === 'on screen' ? { values: values(smarthost) } : {}) }
  const { id } = await startTestSend(db, user, input)
  const ofNoKey = 'v1.gone.AAAA.AAAA.AAAA'
  if (where === 'saved') await db.update(credentials).set({ passwordSealed: ofNoKey })
  else await db.update(testSends).set({ valuesSealed: ofNoKey })
  await turn(db)
  const { testSend, steps, ended } = await readTestSend(db, user, { id })
  expect([ended, testSend.outcome]).toEqual([true, 'waiting'])
  const facts = { errorCode: 'keyMissing' }
  expect(steps).toMatchObject([{ step: { phase: 'auth', state: 'failed', facts } }])
  expect(explain({ phase: 'auth', reply: null, ...facts })).toMatchObject({ namespace: 'explain', explanation: 'keyMissing', isSure: true })
  expect((await getMessage(db, user, { id: testSend.messageId })).message).toMatchObject({ state: 'cancelled', dueAt: null })
  expect((await db.select().from(accounts)).every(({ state }) => state === 'active')).toBe(true)
  expect(smarthost.connections).toBe(0)
})

test('a test as saved that is accepted releases the mail of a paused account', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { [username]: 'another' } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, username)
  const mail = await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  await turn(db)
  expect((await getMessage(db, user, { id: mail.id })).account.state).toBe('paused')
  smarthost.behave({ users: { [username]: password } })
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test' })
  await turn(db)
  expect((await readTestSend(db, user, { id })).testSend.outcome).toBe('accepted')
  await turn(db)
  expect((await getMessage(db, user, { id: mail.id })).message.state).toBe('accepted')
})

test('a test runs once: put off by the server, it ends', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost({ rcptReply: { code: 451, text: 'greylisted' } })
  const { user } = await makeCompany(db)
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test' })
  await turn(db, relay)
  const { testSend } = await readTestSend(db, user, { id })
  expect(testSend.outcome).toBe('waiting')
  expect((await getMessage(db, user, { id: testSend.messageId })).message).toMatchObject({ state: 'cancelled', dueAt: null })
})

test('steps that could not be written while the storage was away are shown with the next one', async () => {
  await using db = await testDb()
  const { user, tenantId } = await makeCompany(db)
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test' })
  const writer = new StepWriter(db, { id, tenantId })
  const step = (phase: 'dns' | 'connect') => ({ phase, state: 'done' as const, startedAt: 0, durationMs: 1, facts: {}, lines: [] })
  await rename(db, 'test_step', 'test_step_away')
  writer.write(0, step('dns'))
  await writer.done()
  await rename(db, 'test_step_away', 'test_step')
  writer.write(1, step('connect'))
  await writer.done()
  const { steps } = await readTestSend(db, user, { id })
  expect(steps.map(row => row.step.phase)).toEqual(['dns', 'connect'])
})

async function rename(db: Db, from: string, to: string): Promise<void> {
  const statement = `alter table ${from} rename to ${to}`
  if (isPostgres) await poolOf(db).query(statement)
  else db.$client.exec(statement)
}

test('a stored password does not travel: with another server on screen it must be typed', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { [username]: password } })
  await using thief = await startSmarthost({ users: {} })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, username)
  await expect(startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test', values: values(thief, '') })).rejects.toMatchObject({
    code: 'passwordNeeded',
    field: 'password',
  })
  await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test', values: values(smarthost, '') })
  await turn(db)
  expect(smarthost.received).toHaveLength(1)
  expect(thief.logins).toHaveLength(0)
})

test('the first recipient is oneself; anybody once the account has sent', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user, admin } = await makeCompany(db)
  await expect(startTestSend(db, user, { code: 'ANNA', to: 'obcy@example.test' })).rejects.toMatchObject({ code: 'recipientNotAllowed', field: 'to' })
  await expect(startTestSend(db, admin, { code: 'ANNA', to: 'anna@acme.test' }), 'an admin is not Anna').rejects.toMatchObject({ code: 'recipientNotAllowed' })
  await startTestSend(db, admin, { code: 'ANNA', to: 'jan@acme.test' })
  await turn(db, relay)
  expect(relay.received[0]).toMatchObject({ envelopeSender: 'anna@acme.test', envelopeRecipients: ['jan@acme.test'] })
  await expect(startTestSend(db, user, { code: 'ANNA', to: 'obcy@example.test' })).resolves.toBeDefined()
})

test('ten tests an hour for a person, thirty for a company, presses at once included', async () => {
  await using db = await testDb()
  const { user, admin, second } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const press = (actor: Actor, slug = 'acme') => startTestSend(db, actor, { code: actor.code, to: `${actor.code.toLowerCase()}@${slug}.test` })
  const pressed = await Promise.allSettled(Array.from({ length: 12 }, () => press(user)))
  expect(pressed.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  expect(pressed.find(result => result.status === 'rejected')?.reason).toMatchObject({ code: 'testsPerHour', values: { most: 10 } })
  const half = shiftClock(minutes(30))
  await expect(press(user), 'when the first of the ten is an hour old').rejects.toMatchObject({ values: { most: 10, minutes: 30 } })
  half()
  for (let i = 0; i < 10; i++) await press(admin)
  for (let i = 0; i < 10; i++) await press(second)
  const back = shiftClock(minutes(61))
  await expect(press(user), 'an hour later').resolves.toBeDefined()
  back()
  await db.update(testSends).set({ loginId: 'somebody' })
  await expect(press(second)).rejects.toMatchObject({ code: 'testsPerCompany' })
  await expect(press(other.user, 'beta'), 'another company is not concerned').resolves.toBeDefined()
})

test('five refused logins an hour, lest the server locks the account; one company does not use up another’s', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { [username]: password } })
  const { user } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  for (let i = 0; i < 5; i++) {
    await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test', values: values(smarthost, 'mistyped') })
    await turn(db)
  }
  await expect(startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test', values: values(smarthost) })).rejects.toMatchObject({
    code: 'refusedLoginsPerHour',
    values: { most: 5, minutes: 60 },
  })
  const elsewhere = { code: 'ANNA', to: 'anna@beta.test', values: values(smarthost) }
  await expect(startTestSend(db, other.user, elsewhere)).resolves.toBeDefined()
  await db.update(testSends).set({ loginRefused: 4 }).where(eq(testSends.tenantId, user.tenantId)) // twenty in all
  await expect(startTestSend(db, other.user, elsewhere), 'who guesses from several').rejects.toMatchObject({ code: 'refusedLoginsPerHour' })
})

test('a test nobody ran is wiped after five minutes', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test', values: values(smarthost) })
  const back = shiftClock(minutes(5))
  await keepHouse(db)
  back()
  const [wiped] = await db.select().from(testSends)
  expect(wiped).toMatchObject({ id, valuesSealed: null, endedAt: expect.any(Date) })
  await turn(db)
  expect(smarthost.connections).toBe(0)
})

test('another person and another company see nothing of a test; unsaved values are for one’s own card', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user, admin } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test' })
  for (const actor of [admin, other.admin, other.user]) await expect(readTestSend(db, actor, { id })).rejects.toMatchObject({ code: 'testNotFound' })
  await expect(readTestSend(db, user, { id: `${id}\0` })).rejects.toMatchObject({ code: 'testNotFound' })
  await expect(startTestSend(db, user, { code: 'PIOTR', to: 'anna@acme.test' })).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(startTestSend(db, admin, { code: 'ANNA', to: 'jan@acme.test', values: values(smarthost) })).rejects.toMatchObject({ code: 'testOwnOnly' })
  expect(await db.select().from(messages).where(eq(messages.tenantId, other.user.tenantId))).toHaveLength(0)
})

test('the conversation as text names who spoke and hides the secret', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { [username]: password } })
  const { user } = await makeCompany(db)
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test', values: values(smarthost) })
  await turn(db)
  const text = await testSendAsText(
    db,
    user,
    { id },
    { title: ({ outcome }) => `Test: ${outcome}`, step: step => step.phase, who: { client: 'C', server: 'S', note: 'N' }, secret: '(hidden)' },
  )
  expect(text).toMatch(/^Test: accepted\n/)
  expect(text).toContain('    C: AUTH PLAIN (hidden)')
  expect(text).toContain('    S: 235')
  expect(text).not.toContain(password)
})
