import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { type Db, poolOf } from '@/db/client'
import { accountHours, accounts, cards, messages, recipients, senders } from '@/db/schema'
import { listPausedAccounts } from '@/lib/account/account'
import { preparePauseNotices } from '@/lib/account/pause-notice'
import type { Actor } from '@/lib/actor/actor'
import { after, days, hours, minutes, now, shiftClock } from '@/lib/clock'
import { holdMail } from '@/lib/tenant/mail-switch'
import { makeCard, makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { takeInHand } from '@/lib/testing/in-hand'
import { acceptMessages } from './accept-messages'
import { enqueueMessage } from './enqueue-message'
import { cancelMessage, cancelMessages, countWaiting, getMessage, leaveMessages, listMessages, retryMessage, retryMessages } from './message'
import { mostCounted } from './message-state'
import { countReroutable, sendWaitingByNewRoute } from './reroute'

const document = { subject: 'Faktura 1/11/2026', text: 'W załączeniu.', kind: 'document' as const }
const put = (db: Db, id: string, set: Partial<typeof messages.$inferInsert>) => db.update(messages).set(set).where(eq(messages.id, id))

test('the same idempotency key queues one message, also twice at once', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const queue = (actor: Actor) => enqueueMessage(db, actor, { to: ['k@example.test'], ...document, idempotencyKey: 'faktura-1' })
  const made = await Promise.all([queue(user), queue(user), queue(user)])
  expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  expect((await queue(user)).id).toBe(made[0]?.id)
  expect((await queue(other.user)).id, 'a key is one company’s').not.toBe(made[0]?.id)
})

test.each([
  [{ to: [] }, 'recipientNeeded'],
  [{ to: ['not an address'] }, 'addressInvalid'],
  [{ to: ['a@b.test\r\nRCPT TO:<c@d.test>'] }, 'addressInvalid'],
  [{ to: ['k@example.test'], subject: 'one\r\nBcc: two@example.test' }, 'subjectInvalid'],
  [{ to: ['k@example.test'], subject: 'x'.repeat(1000) }, 'subjectInvalid'],
])('what cannot be written is refused: %j', async (wrong, code) => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await expect(enqueueMessage(db, user, { ...document, ...wrong })).rejects.toMatchObject({ name: 'Refusal', code })
  expect(await db.select().from(messages)).toHaveLength(0)
})

test('a retry keeps an expiry that was named; what has expired gets five days more', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const expiresAt = after(now(), hours(1))
  const { id } = await enqueueMessage(db, user, { to: ['k@example.test'], ...document, expiresAt })
  await put(db, id, { state: 'waiting' })
  await retryMessage(db, user, { id })
  expect((await getMessage(db, user, { id })).message.expiresAt).toEqual(expiresAt)
  await put(db, id, { state: 'expired', expiresAt: after(now(), -hours(1)) })
  await retryMessage(db, user, { id })
  const { message } = await getMessage(db, user, { id })
  expect(message.expiresAt.getTime()).toBeGreaterThan(after(now(), days(4)).getTime())
  expect(message.isExpiryNamed, 'these five days are nobody’s: a hold stops them').toBe(false)
})

test('a retry of a message that an engine takes up just then changes none of its recipients', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['nikt@example.test', 'k@example.test'], ...document })
  await put(db, id, { state: 'waiting' })
  await db.update(recipients).set({ state: 'refused' }).where(eq(recipients.position, 0))
  await db.update(accounts).set({ dueAt: after(now(), days(1)) }) // a retry wakes it, before it writes to the message
  const takeUp = `insert into in_hand (id, tenant_id, account_id, lease_number, message_ids) select 'x', tenant_id, account_id, 1, id from message`
  if (isPostgres) {
    await poolOf(db).query(`create function take_up() returns trigger language plpgsql as $$ begin ${takeUp}; return new; end $$`)
    await poolOf(db).query('create trigger t before update on account for each row execute function take_up()')
  } else db.$client.exec(`create trigger t before update on account begin ${takeUp}; end`)
  expect(await retryMessages(db, user, { ids: [id] })).toBe(0)
  expect((await db.select().from(recipients).orderBy(recipients.position)).map(({ state }) => state)).toEqual(['refused', 'queued'])
})

test('cancelling an unknown message ends the recipients that were put off', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['k@example.test', 'full@example.test'], ...document })
  await put(db, id, { state: 'unknown' })
  await db.update(recipients).set({ state: 'unknown' }).where(eq(recipients.position, 0))
  await db.update(recipients).set({ state: 'waiting' }).where(eq(recipients.position, 1))
  await cancelMessage(db, user, { id })
  expect((await db.select().from(recipients).orderBy(recipients.position)).map(({ state }) => state)).toEqual(['unknown', 'cancelled'])
})

test('a card without an e-mail, or one that is not active, cannot queue', async () => {
  await using db = await testDb()
  const { tenantId, slug, user } = await makeCompany(db)
  const mute = await makeCard(db, { tenantId, slug, code: 'OLA', name: 'Ola', role: 'user', email: null })
  await expect(enqueueMessage(db, mute, { to: ['k@example.test'], ...document })).rejects.toMatchObject({ code: 'noEmail' })
  await db.update(cards).set({ isActive: false }).where(eq(cards.id, user.cardId))
  await expect(enqueueMessage(db, user, { to: ['k@example.test'], ...document })).rejects.toMatchObject({ code: 'cardInactive' })
})

test('a name or subject in any script and a recipient twice are written as they should', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, {
    ...document,
    to: ['k@example.test', 'K@example.test'],
    cc: ['k@example.test'],
    bcc: ['b@example.test'],
    subject: 'Żółć, tõsi, 発注',
    html: '<p>Zażółć</p>',
  })
  const { recipients, message } = await getMessage(db, user, { id })
  expect(recipients.map(({ field, address }) => `${field} ${address}`)).toEqual(['to k@example.test', 'bcc b@example.test'])
  expect(message.subject).toBe('Żółć, tõsi, 発注')
})

test('a user sees, retries and cancels their own messages, an admin the company’s, another company none', async () => {
  await using db = await testDb()
  const { user, admin, second } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const { id } = await enqueueMessage(db, user, { to: ['k@example.test'], ...document })
  for (const stranger of [second, other.admin, other.user]) {
    expect((await listMessages(db, stranger, { limit: 50 })).counts.all).toBe(0)
    await expect(getMessage(db, stranger, { id })).rejects.toMatchObject({ code: 'messageNotFound' })
    await expect(cancelMessage(db, stranger, { id })).rejects.toMatchObject({ code: 'cannotCancel' })
    await expect(retryMessage(db, stranger, { id })).rejects.toMatchObject({ code: 'messageNotFound' })
    expect(await cancelMessages(db, stranger, { ids: [id] })).toBe(0)
  }
  expect((await listMessages(db, admin, { limit: 50 })).rows).toMatchObject([{ id, code: 'ANNA', host: 'directo.gate.ee' }])
  await cancelMessage(db, admin, { id })
  await expect(cancelMessage(db, user, { id }), 'it is over as they want it').rejects.toMatchObject({ code: 'alreadyCancelled' })
  for (const stranger of [second, other.admin, other.user])
    await expect(cancelMessage(db, stranger, { id }), 'what became of it is not theirs to know').rejects.toMatchObject({ code: 'cannotCancel' })
  expect(await getMessage(db, user, { id })).toMatchObject({
    message: { state: 'cancelled', dueAt: null },
    recipients: [{ state: 'cancelled' }],
    mayRetry: true,
    mayCancel: false,
  })
  await retryMessage(db, user, { id })
  expect(await getMessage(db, user, { id })).toMatchObject({ message: { state: 'queued' }, recipients: [{ state: 'queued' }], mayCancel: true })
})

test('what is being sent or was accepted can be neither cancelled nor sent again', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['k@example.test'], ...document })
  await takeInHand(db, [id])
  for (const dueAt of [now(), null]) {
    if (!dueAt) await put(db, id, { state: 'accepted', dueAt })
    expect((await getMessage(db, user, { id })).message.state).toBe(dueAt ? 'sending' : 'accepted')
    await expect(cancelMessage(db, user, { id })).rejects.toMatchObject({ code: 'cannotCancel' })
    await expect(retryMessage(db, user, { id })).rejects.toMatchObject({ code: 'cannotRetry' })
  }
})

test('an unknown message is left as it is when a person says so: it has ended, stays unknown and waits for nobody any more', async () => {
  await using db = await testDb()
  const { user, second } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const again = await enqueueMessage(db, user, { to: ['k@example.test'], ...document })
  const letter = await enqueueMessage(db, user, { to: ['k@example.test'], ...document, kind: 'letter' })
  await put(db, again.id, { state: 'unknown', dueAt: now() })
  await put(db, letter.id, { state: 'unknown', dueAt: null })
  const ids = [again.id, letter.id]
  expect(await countWaiting(db, user)).toBe(2)
  for (const stranger of [second, other.admin]) expect(await leaveMessages(db, stranger, { ids })).toBe(0)
  expect(await cancelMessages(db, user, { ids }), 'whether they went out nobody knows').toBe(0)
  expect(await leaveMessages(db, user, { ids })).toBe(2)
  for (const id of ids) {
    const view = await getMessage(db, user, { id })
    expect(view).toMatchObject({ message: { state: 'unknown', dueAt: null, endedAt: expect.any(Date) }, mayLeave: false, mayRetry: true })
  }
  expect(await countWaiting(db, user)).toBe(0)
  expect(await leaveMessages(db, user, { ids }), 'once').toBe(0)
  await retryMessage(db, user, again)
  expect((await getMessage(db, user, again)).message).toMatchObject({ state: 'queued', endedAt: null })
})

test('cancelling one unknown message, as a program does, leaves it as it is', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['k@example.test'], ...document, kind: 'letter' })
  await put(db, id, { state: 'unknown', dueAt: null })
  expect(await cancelMessage(db, user, { id })).toBe('unknown')
  await expect(cancelMessage(db, user, { id })).rejects.toMatchObject({ code: 'cannotCancel' })
})

test('what is queued knows why it stays: it is to leave later, all mail is held, or the server’s day is used up', async () => {
  await using db = await testDb()
  const { user, admin, tenantId } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const sendAt = after(now(), days(30))
  const { id } = await enqueueMessage(db, user, { to: ['k@example.test'], ...document, sendAt })
  const elsewhere = await enqueueMessage(db, other.user, { to: ['k@example.test'], ...document })
  expect(await getMessage(db, user, { id })).toMatchObject({ isHeld: false, usedUp: null, message: { sendAt } })
  expect((await listMessages(db, user, { limit: 1 })).rows).toMatchObject([{ sendAt }])
  await holdMail(db, admin)
  await db.update(accounts).set({ learnedAt: now(), learnedPerDay: 3 })
  const [account] = await db.select().from(accounts).where(eq(accounts.tenantId, tenantId))
  await db.insert(accountHours).values({ accountId: account?.id ?? '', hour: now(), tenantId, recipientCount: 3 })
  expect(await getMessage(db, user, { id })).toMatchObject({ isHeld: true, usedUp: { used: 3, limit: 3, rest: 0 } })
  expect((await listMessages(db, user, { limit: 1 })).rows).toMatchObject([{ isHeld: true }])
  expect(await getMessage(db, other.user, elsewhere)).toMatchObject({ isHeld: false })
  expect((await listMessages(db, other.user, { limit: 1 })).rows).toMatchObject([{ isHeld: false }])
  await put(db, id, { state: 'accepted', endedAt: now() })
  expect(await getMessage(db, user, { id }), 'what has left has left').toMatchObject({ usedUp: null, isHeld: false })
  await put(db, id, { state: 'queued', kind: 'test', endedAt: null })
  expect((await listMessages(db, user, { limit: 1 })).rows, 'a test leaves').toMatchObject([{ isHeld: false }])
})

test('mail of a paused account is released by mending it, not by hand', async () => {
  await using db = await testDb()
  const { user, admin, second } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['k@example.test'], ...document })
  await db.update(accounts).set({
    state: 'paused',
    pauseReason: 'loginRefused',
    pausedText: '535 no',
    pausedAt: now(),
    credentialCardId: user.cardId,
    host: 'mail.acme.test',
    username: 'anna',
  })
  await put(db, id, { state: 'waiting', waitingFor: 'accountPaused' })
  await expect(retryMessage(db, user, { id })).rejects.toMatchObject({ code: 'accountPausedMendFirst' })
  expect(await countWaiting(db, user)).toBe(1)
  expect(await countWaiting(db, second)).toBe(0)
  const seen = { label: 'anna, mail.acme.test', reason: 'loginRefused', text: '535 no', waiting: 1, mayMend: true, cardCode: 'ANNA' }
  expect(await listPausedAccounts(db, user)).toMatchObject([seen])
  expect(await listPausedAccounts(db, admin)).toMatchObject([seen])
  expect(await listPausedAccounts(db, second)).toEqual([])
})

test('the outbox is searched, filtered and paged, newest first', async () => {
  await using db = await testDb()
  const { user, admin } = await makeCompany(db)
  const ids: string[] = []
  for (const [i, actor] of [user, user, admin, user, admin].entries()) {
    const back = shiftClock(minutes(i))
    ids.push((await enqueueMessage(db, actor, { ...document, to: [`klient${i}@example.test`], subject: i === 1 ? 'Rabat 50%_ Żółty' : `Faktura ${i}` })).id)
    back()
  }
  await put(db, ids[0] ?? '', { state: 'refused' })
  const first = await listMessages(db, admin, { limit: 2 })
  expect(first.rows.map(({ id }) => id)).toEqual([ids[4], ids[3]])
  expect(first.counts).toMatchObject({ all: 5, queued: 4, refused: 1 })
  const next = await listMessages(db, admin, { limit: 2, before: first.nextBefore ?? '' })
  expect(next.rows.map(({ id }) => id)).toEqual([ids[2], ids[1]])
  const last = await listMessages(db, admin, { limit: 2, before: next.nextBefore ?? '' })
  expect(last.rows.map(({ id }) => id)).toEqual([ids[0]])
  expect(last.nextBefore).toBeNull()
  const found = async (filter: Partial<Parameters<typeof listMessages>[2]>) => (await listMessages(db, admin, { limit: 9, ...filter })).rows.length
  expect(await found({ search: 'klient3' })).toBe(1)
  expect(await found({ search: '50%_ żółty' })).toBe(1)
  expect(await found({ search: '%' }), 'no word begins with a sign').toBe(0)
  expect(await found({ search: 'a%b' }), 'and stands for itself').toBe(0)
  expect(await found({ search: "'; drop table message --" })).toBe(0)
  expect(await found({ code: 'anna' })).toBe(3)
  expect(await found({ state: 'refused' })).toBe(1)
  expect(await found({ before: 'nonsense' })).toBe(5)
  expect((await listMessages(db, admin, { state: 'refused', limit: 9 })).counts.all, 'counts ignore the state').toBe(5)
})

test('waiting mail goes by the new route when a person says so, except what ever reached the end of its data', async () => {
  await using db = await testDb()
  const { user, second, tenantId } = await makeCompany(db)
  const moving = await enqueueMessage(db, user, { ...document, to: ['k@example.test'], cc: ['c@example.test'], html: '<p>Faktura</p>' })
  const staying = await enqueueMessage(db, user, { ...document, to: ['k@example.test'] })
  await put(db, staying.id, { dataAt: now(), state: 'waiting' })
  expect(await countReroutable(db, user, { code: 'ANNA' })).toBe(0)
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'replyTo', updatedAt: now() })
  expect(await countReroutable(db, user, { code: 'ANNA' })).toBe(1)
  await expect(sendWaitingByNewRoute(db, second, { code: 'ANNA' })).rejects.toMatchObject({ code: 'notAdmin' })
  expect(await sendWaitingByNewRoute(db, user, { code: 'ANNA' })).toBe(1)
  expect(await countReroutable(db, user, { code: 'ANNA' })).toBe(0)
  const { message, text } = await getMessage(db, user, { id: moving.id })
  expect(message).toMatchObject({
    fromAddress: 'acme@event.data.directo.ee',
    replyTo: 'anna@acme.test',
    envelopeSender: 'acme@event.data.directo.ee',
    state: 'queued',
  })
  expect(text).toBe('W załączeniu.')
  expect((await getMessage(db, user, { id: staying.id })).message).toMatchObject({ fromAddress: 'anna@acme.test' })
})

test('our notice that an account is paused stays on the relay, whatever route its card has now; a notice that a program queued moves', async () => {
  await using db = await testDb()
  const { user, tenantId } = await makeCompany(db)
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'smtp', host: 'mail.acme.test', port: 587, tls: 'starttls', updatedAt: now() })
  const { id } = await enqueueMessage(db, user, { ...document, to: ['k@example.test'], kind: 'notice' })
  const [account] = await db.select().from(accounts)
  if (!account) throw new Error('it was queued')
  const [notice] = await preparePauseNotices(db, { ...account, credentialCardId: user.cardId }, 'loginRefused', '535 no')
  if (!notice) throw new Error('somebody is told')
  await acceptMessages(db, [notice], 'app')
  await db.update(senders).set({ host: 'other.acme.test' })
  expect(await countReroutable(db, user, { code: 'ANNA' })).toBe(1)
  expect(await sendWaitingByNewRoute(db, user, { code: 'ANNA' })).toBe(1)
  const stays = await db.select().from(messages).where(eq(messages.id, notice.id))
  expect(stays).toMatchObject([{ accountId: notice.accountId, fromAddress: 'acme@event.data.directo.ee', cardId: user.cardId, replyTo: null }])
  expect((await getMessage(db, user, { id })).account.host).toBe('other.acme.test')
})

test('mail that moves into a paused queue waits with it', async () => {
  await using db = await testDb()
  const { user, tenantId } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { ...document, to: ['k@example.test'] })
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'replyTo', updatedAt: now() })
  await db.update(accounts).set({ state: 'paused' }).where(eq(accounts.tenantId, tenantId))
  expect(await sendWaitingByNewRoute(db, user, { code: 'ANNA' })).toBe(1)
  const { message } = await getMessage(db, user, { id })
  expect(message).toMatchObject({ fromAddress: 'acme@event.data.directo.ee', state: 'waiting', waitingFor: 'accountPaused' })
})

test('several are sent again at once, and only those that can be', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const ids = await Promise.all(Array.from({ length: 3 }, async () => (await enqueueMessage(db, user, { ...document, to: ['k@example.test'] })).id))
  await put(db, ids[0] ?? '', { state: 'refused' })
  await put(db, ids[1] ?? '', { state: 'accepted' })
  await put(db, ids[2] ?? '', { state: 'refused', kind: 'test' })
  expect(await retryMessages(db, user, { ids })).toBe(1)
})

test("a page does not count a company's whole past: counts end at a thousand and say so", async () => {
  await using db = await testDb()
  const { user, admin } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  const [one] = await db.select().from(messages).where(eq(messages.id, id))
  if (!one) throw new Error('it was queued')
  const many = (count: number, state: 'accepted' | 'refused', from: number) =>
    Array.from({ length: count }, (_, number) => ({
      ...one,
      id: `${state}${number}`,
      state,
      dueAt: null,
      queuedAt: new Date(one.queuedAt.getTime() - from - number),
    }))
  for (let at = 0; at < 1100; at += 100) await db.insert(messages).values(many(1100, 'accepted', 1).slice(at, at + 100))
  await db.insert(messages).values(many(3, 'refused', 5000))
  const whole = await listMessages(db, admin, { limit: 2 })
  expect(whole).toMatchObject({ areCountsLeast: false, counts: { queued: 1, refused: 3 } })
  expect(whole.counts.accepted).toBeGreaterThan(mostCounted)
  const ofOne = await listMessages(db, user, { limit: 2 })
  expect(ofOne, 'the newest thousand are counted; older ones may be there').toMatchObject({ areCountsLeast: true, counts: { queued: 1, refused: 0 } })
  expect(await listMessages(db, admin, { limit: 2, code: 'PIOTR' })).toMatchObject({ areCountsLeast: false, counts: { all: 0 } })
})

test.each(['a\0', '', 'x'.repeat(26).toUpperCase(), '0'.repeat(27), '\ud800'])('what is no id or code finds no message: %j', async text => {
  await using db = await testDb()
  const { user, admin } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { ...document, to: ['k@example.test'] })
  await put(db, id, { state: 'waiting' })
  for (const reading of [getMessage(db, admin, { id: text }), retryMessage(db, admin, { id: text })])
    await expect(reading).rejects.toMatchObject({ code: 'messageNotFound' })
  expect(await retryMessages(db, admin, { ids: [text, id] }), 'those beside it are tried').toBe(1)
  expect(await cancelMessages(db, admin, { ids: [text, id] })).toBe(1)
  expect((await listMessages(db, admin, { code: `${text}?`, limit: 2 })).rows).toEqual([])
})

test.each(['', '1', '1.a\0', `1.${'0'.repeat(26)}\0`, `8640000000000000.${'0'.repeat(26)}`, `-8640000000000000.${'0'.repeat(26)}`, '1e9.a'])(
  'a cursor that no page gave leads to the first page: %j',
  async before => {
    await using db = await testDb()
    const { user } = await makeCompany(db)
    await enqueueMessage(db, user, { ...document, to: ['k@example.test'] })
    expect((await listMessages(db, user, { before, limit: 2 })).rows).toHaveLength(1)
  },
)
