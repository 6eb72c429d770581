import { expect, test } from 'vitest'
import { messages } from '@/db/schema'
import { after, hours, minutes, now, seconds } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { decide } from './decide'

test('a server that says when to come back is not asked before, nor sooner than one that says nothing', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  const [message] = await db.select().from(messages)
  if (!message) throw new Error('nothing is queued')
  const at = now()
  const dueAfter = (retryAfterSeconds: number | null) => decide(message, ['waiting'], { blame: 'server', errorCode: null, retryAfterSeconds }, at).dueAt
  expect(dueAfter(3600)).toEqual(after(at, hours(1)))
  for (const seldom of [null, 1]) {
    expect(dueAfter(seldom)?.getTime(), 'a minute, spread by a fifth').toBeGreaterThanOrEqual(after(at, seconds(54)).getTime())
    expect(dueAfter(seldom)?.getTime()).toBeLessThan(after(at, minutes(2)).getTime())
  }
})

test('a message that expires before its next attempt is due then, and no later', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  const [message] = await db.select().from(messages)
  if (!message) throw new Error('nothing is queued')
  const at = after(message.expiresAt, -seconds(5))
  const due = (state: 'waiting' | 'unknown', errorCode: 'quota' | null = null) =>
    decide(message, [state], { blame: 'recipient', errorCode, retryAfterSeconds: null }, at).dueAt
  expect([due('waiting'), due('waiting', 'quota'), due('unknown')], 'no page names an attempt that will not be made').toEqual(Array(3).fill(message.expiresAt))
})
