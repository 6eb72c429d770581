import { and, eq, ne } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { type Db, poolOf } from '@/db/client'
import { accounts, attempts, cards, credentials, messageContents, messages, senders } from '@/db/schema'
import { resumeAccountsOf } from '@/lib/account/account'
import type { Actor } from '@/lib/actor/actor'
import { minutes, now, shiftClock } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { getMessage, retryMessage } from '@/lib/message/message'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { engineFor, password, savePassword, sendThrough, turn } from '@/lib/testing/outbox'
import { startScripted, startSmarthost, startUntilDot } from '@/lib/testing/smtp-server'
import { drainAccount } from './drain-account'
import { Hand } from './hand'
import { Journal } from './journal'
import { claimAccounts } from './lease'
import { runEngine } from './run-engine'
import { takeDue } from './take-due'

const document = { subject: 'Faktura 1/11/2026', text: 'W załączeniu faktura.', kind: 'document' as const }
const stateOf = async (db: Db, actor: Actor, id: string) => (await getMessage(db, actor, { id })).message.state

test('a queued document is submitted by the route of its card and says so', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': password } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna@acme.test')
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], cc: ['kopia@example.test'], bcc: ['ukryty@example.test'], ...document })
  expect(await stateOf(db, user, id)).toBe('queued')
  await turn(db)
  const { message, recipients: addressed, attempts: tried, text } = await getMessage(db, user, { id })
  expect(message).toMatchObject({ state: 'accepted', dueAt: null, attemptCount: 1 })
  expect(addressed.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted'])
  expect(tried).toMatchObject([
    { outcome: 'accepted', phase: 'reply', replyCode: 250, serverAddress: expect.stringMatching(/^localhost /), tls: expect.stringMatching(/^TLSv1/) },
  ])
  expect(text).toBe('W załączeniu faktura.')
  const [received] = smarthost.received
  expect(received).toMatchObject({ envelopeSender: 'anna@acme.test', username: 'anna@acme.test', isSecure: true })
  expect(received?.envelopeRecipients).toEqual(['klient@example.test', 'kopia@example.test', 'ukryty@example.test'])
  expect(received?.mail).toMatchObject({ subject: document.subject, messageId: `<${message.rfcMessageId}>`, from: { text: '"Anna Nowak" <anna@acme.test>' } })
  expect(received?.raw, 'a hidden copy stays hidden').not.toContain('ukryty')
})

test('mail of a card that chose nothing leaves through the platform relay', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  await turn(db, relay)
  expect(await stateOf(db, user, id)).toBe('accepted')
  expect(relay.received[0]).toMatchObject({ envelopeSender: 'anna@acme.test' })
})

test('an account whose password no key opens says so, rests for a minute, and its mail leaves when one does', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': password } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna@acme.test')
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  const [kept] = await db.select().from(credentials)
  await db.update(credentials).set({ passwordSealed: 'v1.gone.AAAA.AAAA.AAAA' })
  await turn(db)
  expect(await turn(db), 'it takes no turn of others').toBe(0)
  expect((await getMessage(db, user, { id })).message, 'whoever looks is told why').toMatchObject({
    state: 'waiting',
    waitingFor: 'keyMissing',
    attemptCount: 0,
  })
  await db.update(credentials).set({ passwordSealed: kept?.passwordSealed ?? '' })
  const back = shiftClock(minutes(1))
  await turn(db)
  back()
  expect(await stateOf(db, user, id)).toBe('accepted')
})

test('an engine without the key that has lost the account says nothing of mail that another, which has it, sends', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': password } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna@acme.test')
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  await db.update(credentials).set({ passwordSealed: 'v1.gone.AAAA.AAAA.AAAA' })
  const [older] = await claimAccounts(db, 'without', { limit: 1, queue: 'mail' })
  const back = shiftClock(minutes(1))
  const [newer] = await claimAccounts(db, 'with', { limit: 1, queue: 'mail' })
  back()
  if (!older || !newer) throw new Error('nothing is due')
  await drainAccount(db, engineFor(smarthost, { id: 'without' }), older)
  expect((await getMessage(db, user, { id })).message).toMatchObject({ state: 'queued', waitingFor: null })
})

test('451 waits and is tried again with the same bytes, at growing distances', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ dataReply: { code: 451, text: 'greylisted' } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  await turn(db)
  const first = await getMessage(db, user, { id })
  expect(first.message).toMatchObject({ state: 'waiting', waitingFor: 'tryLater', attemptCount: 1 })
  expect(first.attempts).toMatchObject([{ outcome: 'waiting', replyCode: 451, enhancedStatus: expect.stringMatching(/^4\./), replyText: 'greylisted' }])
  expect(await turn(db), 'not before its time').toBe(0)
  const back = shiftClock(minutes(2))
  await turn(db)
  const second = (await getMessage(db, user, { id })).message
  expect(second.attemptCount).toBe(2)
  expect(second.dueAt?.getTime()).toBeGreaterThan(now().getTime() + minutes(4))
  smarthost.behave({ dataReply: undefined })
  const further = shiftClock(minutes(10))
  await turn(db)
  expect(await stateOf(db, user, id)).toBe('accepted')
  expect(smarthost.received[0]?.mail.messageId).toBe(`<${first.message.rfcMessageId}>`)
  further()
  back()
})

test('550 refuses one recipient and not the other', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ rcptReply: address => (address.startsWith('nikt') ? { code: 550, text: '5.1.1 no such user' } : null) })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  const { id } = await enqueueMessage(db, user, { to: ['nikt@example.test', 'klient@example.test'], ...document })
  await turn(db)
  const { message, recipients: addressed } = await getMessage(db, user, { id })
  expect(addressed).toMatchObject([
    { address: 'nikt@example.test', state: 'refused', replyCode: 550, enhancedStatus: '5.1.1' },
    { address: 'klient@example.test', state: 'accepted', replyCode: 250 },
  ])
  expect(message, 'one refusal must not be overlooked').toMatchObject({ state: 'refused', dueAt: null })
  expect(smarthost.received).toHaveLength(1)
})

test('a recipient put off is tried again alone', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ rcptReply: address => (address.startsWith('pelna') ? { code: 452, text: '4.2.2 mailbox full' } : null) })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  const { id } = await enqueueMessage(db, user, { to: ['pelna@example.test', 'klient@example.test'], ...document })
  await turn(db)
  expect((await getMessage(db, user, { id })).message).toMatchObject({ state: 'waiting' })
  smarthost.behave({ rcptReply: undefined })
  const back = shiftClock(minutes(2))
  await turn(db)
  back()
  expect(await stateOf(db, user, id)).toBe('accepted')
  expect(smarthost.received.map(({ envelopeRecipients }) => envelopeRecipients)).toEqual([['klient@example.test'], ['pelna@example.test']])
})

test('a refused login pauses the account, keeps the mail, tells once; mending releases it', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': 'the new one' } })
  await using relay = await startSmarthost()
  const { user, admin } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna@acme.test')
  const first = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  const second = await enqueueMessage(db, user, { to: ['inny@example.test'], ...document })
  await turn(db, relay)
  const [account] = await db.select().from(accounts).where(eq(accounts.username, 'anna@acme.test'))
  expect(account).toMatchObject({ state: 'paused', pauseReason: 'loginRefused', pausedText: expect.stringContaining('535 5.7.8') })
  for (const { id } of [first, second]) {
    expect((await getMessage(db, user, { id })).message).toMatchObject({ state: 'waiting', waitingFor: 'accountPaused', attemptCount: 0 })
  }
  const third = await enqueueMessage(db, user, { to: ['jeszcze@example.test'], ...document })
  expect((await getMessage(db, user, { id: third.id })).message, 'joins the queue').toMatchObject({ state: 'waiting', waitingFor: 'accountPaused' })

  await turn(db, relay)
  await turn(db, relay)
  expect(relay.received.map(({ envelopeRecipients }) => envelopeRecipients[0]).sort()).toEqual(['anna@acme.test', 'jan@acme.test'])
  expect(relay.received[0]?.mail.text).toContain('535 5.7.8')
  expect(relay.received[0]?.raw).not.toContain(password)
  expect(relay.received[0]?.mail.from?.value[0]?.address).toBe('acme@event.data.directo.ee')

  await savePassword(db, user, { host: smarthost.host, port: smarthost.port, tls: 'starttls', username: 'anna@acme.test' }, 'the new one')
  expect(await resumeAccountsOf(db, user)).toBe(1)
  await turn(db, relay)
  for (const { id } of [first, second, third]) expect(await stateOf(db, admin, id)).toBe('accepted')
  expect(smarthost.received).toHaveLength(3)
})

test('a password kept for another server is not sent; the account asks for it', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': password } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna@acme.test')
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  await savePassword(db, user, { host: 'mail.elsewhere.test', port: 587, tls: 'starttls', username: 'anna@acme.test' })
  await turn(db)
  const { account, message } = await getMessage(db, user, { id })
  expect(account).toMatchObject({ state: 'paused', pauseReason: 'passwordNeeded' })
  expect(message.state).toBe('waiting')
  expect(smarthost.connections).toBe(0)
})

test('a certificate of another name pauses the account, and nothing goes in the open', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ certificateNames: ['elsewhere.test'] })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  await turn(db)
  const { account, attempts: tried } = await getMessage(db, user, { id })
  expect(account).toMatchObject({ state: 'paused', pauseReason: 'tlsFailed' })
  expect(tried).toMatchObject([{ phase: 'tls', errorCode: 'certificateName' }])
})

test('an e-mail not confirmed yet keeps the mail until it is', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  await db.update(cards).set({ emailConfirmedAt: null }).where(eq(cards.id, user.cardId))
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  await turn(db, relay)
  expect(await getMessage(db, user, { id }), 'for a reason of its own').toMatchObject({
    message: { state: 'waiting', waitingFor: 'accountPaused' },
    account: { state: 'paused', pauseReason: 'emailNotConfirmed' },
  })
  await db.update(cards).set({ emailConfirmedAt: now() }).where(eq(cards.id, user.cardId))
  await resumeAccountsOf(db, user)
  await turn(db, relay)
  expect(await stateOf(db, user, id)).toBe('accepted')
})

test('the relay that refuses us is the operator’s to mend: mail waits, nothing is paused', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost({ users: {} })
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  await turn(db, relay)
  const { account, message } = await getMessage(db, user, { id })
  expect(account.state).toBe('active')
  expect(message).toMatchObject({ state: 'waiting', waitingFor: 'serverUnavailable' })
})

test('a message that cannot be composed is set aside after three tries, the others go, and it can be tried again', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  const broken = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  const [content] = await db.select().from(messageContents).where(eq(messageContents.messageId, broken.id))
  if (!content) throw new Error('nothing was written')
  await db.delete(messageContents).where(eq(messageContents.messageId, broken.id))
  const other = await enqueueMessage(db, user, { to: ['b@example.test'], ...document })
  for (const minute of [0, 2, 10]) {
    const back = shiftClock(minutes(minute))
    await turn(db, relay)
    back()
  }
  const { message, attempts: tried } = await getMessage(db, user, { id: broken.id })
  const composing = { outcome: 'waiting', phase: null, errorCode: 'composeFailed' } // it came to no conversation
  expect(tried).toMatchObject([composing, composing, composing])
  expect(message).toMatchObject({ state: 'waiting', waitingFor: 'setAside' })
  expect(message.dueAt, 'nobody tries it again by himself; it expires in the end').toEqual(message.expiresAt)
  expect(await stateOf(db, user, other.id)).toBe('accepted')
  await db.insert(messageContents).values(content) // whatever was wrong has been mended
  await retryMessage(db, user, { id: broken.id })
  await turn(db, relay)
  expect(await stateOf(db, user, broken.id)).toBe('accepted')
})

test.each([
  ['document', true],
  ['letter', false],
] as const)('an answer lost after the final dot is unknown; a %s is tried again by itself: %s', async (kind, triesAgain) => {
  await using db = await testDb()
  await using dropping = await startUntilDot(socket => socket.destroy())
  const { user } = await makeCompany(db)
  await db
    .insert(senders)
    .values({ cardId: user.cardId, tenantId: user.tenantId, choice: 'smtp', host: dropping.host, port: dropping.port, tls: 'none', updatedAt: now() })
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document, kind })
  await turn(db)
  const { message, attempts: tried, recipients: addressed } = await getMessage(db, user, { id })
  expect(message.state).toBe('unknown')
  expect(message.dueAt !== null).toBe(triesAgain)
  expect(message.dataAt, 'it never moves again').not.toBeNull()
  expect(tried).toMatchObject([{ outcome: 'unknown', phase: 'reply' }])
  expect(addressed).toMatchObject([{ state: 'unknown' }])
  if (!triesAgain) return
  const port = dropping.port
  await dropping[Symbol.asyncDispose]()
  await using mended = await startSmarthost({ tls: 'none', port })
  const back = shiftClock(minutes(2))
  await turn(db)
  back()
  expect(await stateOf(db, user, id)).toBe('accepted')
  expect(mended.received[0]?.mail.messageId, 'both copies carry the same Message-ID').toBe(`<${message.rfcMessageId}>`)
})

test('an engine that dies before the final dot is followed by another at once; after it, the message is unknown', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost)
  const before = await enqueueMessage(db, user, { to: ['przed@example.test'], ...document })
  const behind = await enqueueMessage(db, user, { to: ['po@example.test'], ...document, kind: 'letter' })
  const [account] = await claimAccounts(db, 'dying', { limit: 1, queue: 'mail' })
  if (!account) throw new Error('nothing to claim')
  const hand = new Hand({ accountId: account.id, number: account.leaseNumber })
  const open = await takeDue(db, hand, { limit: 5, aborting: new AbortController().signal })
  if (!open[0] || !open[1]) throw new Error('nothing begun')
  const journal = new Journal(db, hand, user.tenantId, new AbortController().signal)
  await journal.mark(open[1])

  expect(await turn(db), 'the lease still holds').toBe(0)
  const back = shiftClock(minutes(1))
  await turn(db, undefined, { id: 'two' })
  back()
  expect(await stateOf(db, user, before.id)).toBe('accepted')
  expect(await stateOf(db, user, behind.id)).toBe('unknown')
  await expect(journal.mark(open[0]), 'the dead one may not put a dot').rejects.toThrow()
  expect(smarthost.received.map(({ envelopeRecipients }) => envelopeRecipients[0])).toEqual(['przed@example.test'])
})

test('two engines never send a message twice, and companies do not wait for each other', { timeout: 60_000 }, async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const [acme, other] = [await makeCompany(db, 'acme'), await makeCompany(db, 'beta')]
  const people = [acme.admin, acme.user, acme.second, other.admin, other.user]
  const ids = await Promise.all(
    people.flatMap(actor => Array.from({ length: 8 }, (_, i) => enqueueMessage(db, actor, { to: [`k${i}@example.test`], ...document }))),
  )
  const stop = new AbortController()
  const { mode, relay: server } = engineFor(relay)
  const engines = ['one', 'two', 'three'].map(engineId => runEngine(db, { signal: stop.signal, engineId, mode, relay: server, pollMs: 10 }))
  await vi.waitFor(async () => expect(await db.select().from(messages).where(eq(messages.state, 'accepted'))).toHaveLength(ids.length), {
    timeout: 50_000,
    interval: 50,
  })
  stop.abort()
  await Promise.all(engines)
  const seen = relay.received.map(({ mail }) => mail.messageId)
  expect(seen).toHaveLength(ids.length)
  expect(new Set(seen).size).toBe(ids.length)
  expect(await db.select().from(attempts)).toHaveLength(ids.length)
  const left = await db.select({ leaseOwner: accounts.leaseOwner, dueAt: accounts.dueAt }).from(accounts)
  expect(
    left.every(({ leaseOwner, dueAt }) => leaseOwner === null && dueAt === null),
    'every lease was given back',
  ).toBe(true)
})

test('an engine that is stopped gives its mail back, to be sent at once by the next', async () => {
  await using db = await testDb()
  await using silent = await startScripted(() => undefined)
  const { user } = await makeCompany(db)
  await sendThrough(db, user, silent)
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  const stop = new AbortController()
  const running = runEngine(db, { signal: stop.signal, engineId: 'one', mode: 'live', relay: engineFor(silent).relay, pollMs: 10, graceMs: 50 })
  await vi.waitFor(async () => expect(await stateOf(db, user, id)).toBe('sending'), { interval: 20 })
  stop.abort()
  await running
  expect((await getMessage(db, user, { id })).message).toMatchObject({ state: 'queued', attemptCount: 0 })
})

test('what is put back says that its account is paused', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': password } })
  const { user } = await makeCompany(db)
  await sendThrough(db, user, smarthost, 'anna@acme.test')
  await enqueueMessage(db, user, { to: ['pierwszy@example.test'], ...document })
  await turn(db)
  smarthost.behave({ users: {} })
  for (let i = 0; i < 10; i++) await enqueueMessage(db, user, { to: [`k${i}@example.test`], ...document })
  await turn(db)
  const kept = await db
    .select()
    .from(messages)
    .where(and(eq(messages.kind, 'document'), ne(messages.state, 'accepted')))
  expect(kept.map(({ state, waitingFor }) => `${state} ${waitingFor}`)).toEqual(Array.from({ length: 10 }, () => 'waiting accountPaused'))
})

test('an attempt whose mark could not be written sends nothing, is in the log, and lets its message take another route', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], ...document })
  if (isPostgres) {
    await poolOf(db).query(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`)
    await poolOf(db).query('create trigger t before insert on in_hand for each row when (new.marked_at is not null) execute function refuse()')
  } else db.$client.exec(`create trigger t before insert on in_hand when new.marked_at is not null begin select raise(fail, 'no'); end`)
  await turn(db, relay)
  expect(relay.received).toHaveLength(0)
  expect(await db.select().from(attempts)).toMatchObject([{ outcome: 'waiting', dataEndingAt: null }])
  expect((await getMessage(db, user, { id })).message).toMatchObject({ state: 'waiting', dataAt: null })
})
