import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { accounts, messages } from '@/db/schema'
import { loadRoute } from '@/lib/sender/resolve-route'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { acceptMessages } from './accept-messages'
import { enqueueMessage } from './enqueue-message'
import { queueAt, writeMessage } from './prepare-message'
import type { StoredMessage } from './store-messages'

const letter = { to: ['k@example.test'], subject: 'Faktura', text: 'W załączeniu.', kind: 'document' as const }

/** Of three companies: accounts that are now as the first word says, and messages written when they were as the second says. */
test('messages that were on their way when their account was paused, or mended, join the queue as it is now', async () => {
  await using db = await testDb()
  const written: { slug: string; rows: StoredMessage }[] = []
  for (const [slug, is, was] of [
    ['paused', 'paused', 'active'],
    ['mended', 'active', 'paused'],
    ['as-before', 'active', 'active'],
  ] as const) {
    const { user, tenantId } = await makeCompany(db, slug)
    await enqueueMessage(db, user, letter)
    const [account] = await db.select().from(accounts).where(eq(accounts.tenantId, tenantId))
    await db.delete(messages)
    const route = await loadRoute(db, tenantId, user.cardId)
    for (let i = 0; i < 2; i++) written.push({ slug, rows: queueAt(writeMessage(route, letter), { id: account?.id ?? '', state: was }) })
    await db
      .update(accounts)
      .set({ state: is })
      .where(eq(accounts.id, account?.id ?? ''))
  }
  expect(written.map(({ rows }) => rows.message.state)).toEqual(['queued', 'queued', 'waiting', 'waiting', 'queued', 'queued'])
  await Promise.all(written.map(({ rows }) => acceptMessages(db, [rows], 'app')))
  const stored = await db.select().from(messages)
  const of = (slug: string) =>
    written
      .filter(one => one.slug === slug)
      .map(({ rows }) => stored.find(({ id }) => id === rows.message.id))
      .map(found => [found?.state, found?.waitingFor])
  expect(of('paused')).toEqual([
    ['waiting', 'accountPaused'],
    ['waiting', 'accountPaused'],
  ])
  expect(of('mended')).toEqual([
    ['queued', null],
    ['queued', null],
  ])
  expect(of('as-before')).toEqual(of('mended'))
})
