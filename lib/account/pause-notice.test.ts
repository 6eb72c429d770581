import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { messageContents, messages } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { countAllReroutable, sendAllWaitingByNewRoute } from '@/lib/message/reroute'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sendThrough, turn } from '@/lib/testing/outbox'
import { type Smarthost, startSmarthost } from '@/lib/testing/smtp-server'

/** What those are told who can mend it, after one message has tried to leave. */
async function noticeOf(db: Db, user: Actor, smarthost: Smarthost, username: string | null): Promise<string> {
  await sendThrough(db, user, smarthost, username)
  await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'W załączeniu.', kind: 'document' })
  await turn(db)
  const [notice] = await db
    .select({ text: messageContents.text })
    .from(messages)
    .innerJoin(messageContents, eq(messageContents.messageId, messages.id))
    .where(eq(messages.kind, 'notice'))
  return notice?.text ?? ''
}

test('a notice of a paused account gives what the server said as its words', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': 'another password' } })
  const { user } = await makeCompany(db)
  expect(await noticeOf(db, user, smarthost, 'anna@acme.test')).toMatch(/The server said:\n {4}535/)
})

test('what broke without an answer is not put into the mouth of the server', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ certificateNames: ['elsewhere.test'] })
  const { user } = await makeCompany(db)
  const notice = await noticeOf(db, user, smarthost, null)
  expect(notice).toMatch(/What happened, word for word:\n {4}.*elsewhere\.test/)
  expect(notice).not.toContain('The server said')
})

test('a notice is not sent by the way that it reports as broken, whoever sends what waits by the route that holds now', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'anna@acme.test': 'another password' } })
  const { admin, user } = await makeCompany(db)
  await noticeOf(db, user, smarthost, 'anna@acme.test')
  expect(await countAllReroutable(db, admin)).toBe(0)
  expect(await sendAllWaitingByNewRoute(db, admin)).toBe(0)
})
