import { expect, test } from 'vitest'
import { messages } from '@/db/schema'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { takeAway } from '@/lib/testing/take-away'

const large = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura', text: 'W załączeniu. '.repeat(20_000) }

test('while the database is away a program is told to come again, and then the same request is queued once', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const ask = () => api.ask('/messages', { body: large, headers: { 'idempotency-key': 'faktura-1' } })
  const { isBack } = await takeAway(db)
  const refused = await ask()
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'unavailable', field: null } } })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  await isBack()
  expect(await ask()).toMatchObject({ status: 202 })
  expect(await ask()).toMatchObject({ status: 202 })
  expect(await db.select({ id: messages.id }).from(messages)).toHaveLength(1)
})
