import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { cards, messages } from '@/db/schema'
import { days, hours, now, shiftClock } from '@/lib/clock'
import { TextRemover } from '@/lib/message/remove-texts'
import { saveKeepTextsDays } from '@/lib/tenant/keep-texts'
import { makeKey, startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'

const invoice = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura 1/11/2026', text: 'W załączeniu.' }

test('the same Idempotency-Key and body give the same answer, another body is refused', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  await using api = await startApi(db, admin)
  const headers = { 'idempotency-key': 'faktura-1' }
  const three = await Promise.all([1, 2, 3].map(() => api.ask('/messages', { body: invoice, headers })))
  expect(new Set(three.map(({ body }) => (body as { id: string }).id)).size, 'three at once are one message').toBe(1)
  expect(await api.ask('/messages', { body: invoice, headers })).toMatchObject({ status: 202, body: three[0]?.body })
  const changed = await api.ask('/messages', { body: { ...invoice, subject: 'Inna' }, headers })
  expect(changed).toMatchObject({ status: 409, body: { error: { code: 'idempotencyKeyReused' } } })
  const batch = { messages: [invoice, invoice] }
  const [one, two] = [await api.ask('/messages/batch', { body: batch, headers }), await api.ask('/messages/batch', { body: batch, headers })]
  expect(one.status).toBe(202)
  expect(two.body).toEqual(one.body)
  const { key } = await makeKey(db, other.admin)
  const theirs = await api.ask('/messages', { key, body: invoice, headers })
  expect(theirs.status, 'a key is one company’s').toBe(202)
  expect(await db.select().from(messages)).toHaveLength(4)
})

test('a batch of far too many is refused as such, whatever its Idempotency-Key', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const answer = await api.ask('/messages/batch', { body: { messages: Array(70_000).fill(0) }, headers: { 'idempotency-key': 'faktury' } })
  expect(answer).toMatchObject({ status: 422, body: { error: { code: 'batchTooLarge' } } })
})

test('fifty of the same at once are one, and of fifty others under one key only one is queued, whole', { timeout: 60_000 }, async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { key: second } = await makeKey(db, admin)
  const atOnce = (path: string, name: string, bodyOf: (i: number) => object) =>
    Promise.all(
      Array.from({ length: 50 }, (_, i) => api.ask(path, { body: bodyOf(i), headers: { 'idempotency-key': name }, key: i % 2 === 0 ? undefined : second })),
    )
  const batch = (length: number) => ({ messages: Array(length).fill(invoice) })
  const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort()
  for (const same of [await atOnce('/messages', 'same', () => invoice), await atOnce('/messages/batch', 'same', () => batch(3))]) {
    expect(statuses(same)).toEqual(Array(50).fill(202))
    expect(new Set(same.map(({ body }) => JSON.stringify(body))).size).toBe(1)
  }
  const others = await atOnce('/messages', 'other', i => ({ ...invoice, subject: `Faktura ${i}` }))
  const batches = await atOnce('/messages/batch', 'other', i => batch(1 + (i % 5)))
  expect(statuses(others)).toEqual([202, ...Array(49).fill(409)])
  expect(statuses(batches), 'ten of each are the same').toEqual([...Array(10).fill(202), ...Array(40).fill(409)])
  const queued = batches.find(({ status }) => status === 202)?.body as { messages: object[] }
  expect(await db.select().from(messages)).toHaveLength(1 + 3 + 1 + queued.messages.length)
})

test('the same request is answered the same when its message was cancelled, and when its text is kept no more', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await saveKeepTextsDays(db, admin, { days: 30 })
  await using api = await startApi(db, admin)
  const headers = { 'idempotency-key': 'faktura-1' }
  const first = await api.ask('/messages', { body: invoice, headers })
  await api.ask(`/messages/${(first.body as { id: string }).id}/cancel`, { method: 'POST' })
  expect(await api.ask('/messages', { body: invoice, headers })).toMatchObject({ status: 202, body: first.body })
  const back = shiftClock(days(31))
  try {
    expect(await new TextRemover().step(db)).toBe(1)
    expect(await api.ask('/messages', { body: invoice, headers })).toMatchObject({ status: 202, body: first.body })
    expect((await api.ask('/messages', { body: { ...invoice, text: '' }, headers })).status).toBe(409)
  } finally {
    back()
  }
  expect(await db.select().from(messages)).toHaveLength(1)
})

test('the same request is answered the same after its own end: a program that is told “too late” would send the message again', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const headers = { 'idempotency-key': 'faktura-1' }
  const body = { ...invoice, expires_at: new Date(now().getTime() + hours(1)).toISOString() }
  const batch = { messages: [invoice, body] }
  const [first, firstOfBatch] = [await api.ask('/messages', { body, headers }), await api.ask('/messages/batch', { body: batch, headers })]
  expect([first.status, firstOfBatch.status]).toEqual([202, 202])
  const back = shiftClock(hours(2))
  try {
    expect(await api.ask('/messages', { body, headers })).toMatchObject({ status: 202, body: first.body })
    expect(await api.ask('/messages/batch', { body: batch, headers })).toMatchObject({ status: 202, body: firstOfBatch.body })
    const fresh = await api.ask('/messages', { body, headers: { 'idempotency-key': 'faktura-2' } })
    expect(fresh, 'a request that is new is too late').toMatchObject({ status: 422, body: { error: { code: 'expiresTooSoon' } } })
  } finally {
    back()
  }
})

test.each([
  ['no list', { messages: 1 }, 'typeWrong'],
  ['nothing', null, 'typeWrong'],
  ['an empty list', { messages: [] }, 'messagesNeeded'],
  ['too many', { messages: Array(501).fill(invoice) }, 'batchTooLarge'],
])('a batch under an Idempotency-Key that is %s is refused as without one', async (_, body, code) => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const refused = await api.ask('/messages/batch', { body: JSON.stringify(body), headers: { 'idempotency-key': 'faktura-1' } })
  expect(refused).toMatchObject({ status: 422, body: { error: { code } } })
})

test('the same request is answered the same through another API key of the company, unless that one is not for the card', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const [replaced, annas, piotrs] = [
    await makeKey(db, admin),
    await makeKey(db, admin, { cards: 'named', codes: ['ANNA'] }),
    await makeKey(db, admin, { cards: 'named', codes: ['PIOTR'] }),
  ]
  const headers = { 'idempotency-key': 'faktura-1' }
  const [one, batch] = [
    { body: invoice, headers },
    { body: { messages: [{ ...invoice, from_user: 'PIOTR' }, invoice] }, headers },
  ]
  const [{ body: first }, { body: firstOfBatch }] = [await api.ask('/messages', one), await api.ask('/messages/batch', batch)]
  await db.update(cards).set({ isActive: false }).where(eq(cards.id, user.cardId))
  expect(await api.ask('/messages', { ...one, key: replaced.key })).toMatchObject({ status: 202, body: first })
  expect(await api.ask('/messages', { ...one, key: annas.key })).toMatchObject({ status: 202, body: first })
  expect(await api.ask('/messages/batch', { ...batch, key: replaced.key })).toMatchObject({ status: 202, body: firstOfBatch })
  const refused = (field: string) => ({ status: 403, body: { error: { code: 'keyNotForCard', field } } })
  expect(await api.ask('/messages', { ...one, key: piotrs.key })).toMatchObject(refused('from_user'))
  expect(await api.ask('/messages/batch', { ...batch, key: piotrs.key })).toMatchObject(refused('messages[1].from_user'))
})
