import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { attempts, messages } from '@/db/schema'
import { after, minutes, now } from '@/lib/clock'
import { newId } from '@/lib/id'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'

test('a program reads why an attempt failed, by the same code as the pages, and nothing of one that did not, or that no server knows of', async () => {
  await using db = await testDb()
  const { admin, tenantId } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const queued = await api.ask('/messages', { body: { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura', text: 'W załączeniu.' } })
  const { id } = queued.body as { id: string }
  const [message] = await db.select({ accountId: messages.accountId }).from(messages).where(eq(messages.id, id))
  const row = { messageId: id, tenantId, accountId: message?.accountId ?? '', leaseNumber: 1, endedAt: now() }
  const nth = (place: number) => ({ id: newId(), ...row, startedAt: after(now(), minutes(place)) })
  await db
    .insert(attempts)
    .values({ ...nth(1), outcome: 'waiting', phase: 'auth', replyCode: 535, enhancedStatus: '5.7.3', replyText: 'Authentication unsuccessful' })
  await db.insert(attempts).values({ ...nth(2), outcome: 'accepted', phase: 'reply', replyCode: 250, replyText: 'OK' })
  await db.insert(attempts).values({ ...nth(3), outcome: 'waiting', phase: null, errorCode: 'composeFailed' })
  await db.insert(attempts).values({ ...nth(4), outcome: 'unknown', phase: 'reply', errorCode: 'engineDied' })
  expect((await api.ask(`/messages/${id}`)).body).toMatchObject({
    attempts: [
      { phase: 'auth', explanation: { code: expect.any(String), sure: false, retry: 'user' } },
      { phase: 'reply', explanation: null },
      { phase: null, error: 'composeFailed', explanation: null },
      { phase: 'reply', error: 'engineDied', explanation: null },
    ],
  })
})
