import { and, isNotNull, lte, type SQL } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { atomically } from '@/db/atomically'
import { closeDb, type Db, keepPlans, openDb, poolOf } from '@/db/client'
import { isAmong } from '@/db/compiled-query'
import { messageContents, messages } from '@/db/schema'
import { now } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { recipientsOf } from '@/lib/message/recipient'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { Hand, takeUp } from './hand'
import { isOverdueAt } from './housekeeping'
import { claimAccounts } from './lease'
import { takeDue } from './take-due'

const nobody = { accountId: 'nobody', number: 1 }

/** What an engine asks for every few messages, and the index that it must go by on the day when the outbox is full. */
const indexes = {
  'select .* from "message"': 'message_due on message',
  'select .* from "recipient"': 'recipient_of_message on recipient',
  'select .* from "account"': 'account_(mail|test)_due on account',
  'insert into "in_hand" .* select': 'message_pkey on message',
  'delete from "in_hand"': 'in_hand_pkey on in_hand',
}

const values = { text: "'x'", 'text[]': "array['x']", integer: '1', 'timestamp with time zone': 'now()' }

test.skipIf(!isPostgres)('plans that an engine keeps go by the right index, whatever was there when they were made', async () => {
  await using db = await testDb()
  keepPlans(db)
  await poolOf(db).query('analyze')
  for (let i = 0; i < 8; i++) {
    const hand = new Hand(nobody)
    hand.hold('row', ['message'])
    await takeDue(db, hand, { limit: 10, aborting: new AbortController().signal })
    await recipientsOf(db, ['nothing'])
    for (const queue of ['mail', 'test'] as const) await claimAccounts(db, 'engine', { limit: 10, queue })
    await atomically(db, tx => [takeUp(tx, nobody, ['message']), ...hand.leaveSteps(tx, [{ id: 'message', isDone: true }])])
  }
  const { rows: kept } = await poolOf(db).query<{ name: string; statement: string; types: (keyof typeof values)[] }>(
    'select name, statement, parameter_types::text[] as types from pg_prepared_statements',
  )
  expect(kept).toHaveLength(6)
  const { user } = await makeCompany(db)
  for (let i = 0; i < 20; i++) await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  await db.update(messages).set({ state: 'accepted', dueAt: null })
  await poolOf(db).query('analyze')
  for (const mode of ['generic', 'custom']) {
    await poolOf(db).query(`set plan_cache_mode = force_${mode}_plan`)
    for (const { name, statement, types } of kept) {
      const index = Object.entries(indexes).find(([beginning]) => new RegExp(`^${beginning}`).test(statement))?.[1]
      const { rows } = await poolOf(db).query(`explain execute "${name}" (${types.map(type => values[type]).join(', ')})`)
      const plan = rows.map(row => row['QUERY PLAN']).join('\n')
      expect(plan, statement).toMatch(new RegExp(`Index Scan using ${index}`))
      expect(plan, statement).not.toMatch(/Seq Scan|Sort/)
    }
  }
})

test.skipIf(isPostgres)('SQLite finds the text of a message by its id, though somebody had it analyze the outbox when there was one', async () => {
  await using before = await testDb()
  const { user } = await makeCompany(before)
  await enqueueMessage(before, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  const planOn = (db: Db) => planOf(db, db.select().from(messageContents).where(isAmong(messageContents.messageId, [])))
  before.$client.exec('analyze')
  expect(await planOn(before), 'as it would be from now on').toMatch(/SCAN message_content/)
  const db = openDb()
  expect(await planOn(db)).toMatch(/SEARCH message_content USING INDEX/)
  await closeDb(db)
})

test.skipIf(isPostgres)('SQLite is told once how much there may be: whoever opens it later writes nothing', async () => {
  await using db = await testDb()
  const version = () => db.$client.pragma('data_version', { simple: true })
  const before = version()
  const other = openDb()
  expect(other.$client.prepare('select tbl from sqlite_stat1').pluck().all()).toEqual(['message', 'message', 'message', 'message'])
  expect(version()).toBe(before)
  await closeDb(other)
})

test.skipIf(isPostgres)('a database that takes no write now is opened all the same, whatever statistics it has', async () => {
  await using db = await testDb()
  db.$client.exec('analyze; begin immediate')
  const other = openDb()
  expect(await other.select().from(messages)).toEqual([])
  await closeDb(other)
  db.$client.exec('rollback')
})

test('what has expired is found by its index, which no other look at what waits can be led astray by', async () => {
  await using db = await testDb()
  const of = (condition: SQL | undefined) => planOf(db, db.select({ id: messages.id }).from(messages).where(condition))
  expect(await of(isOverdueAt(now()))).toMatch(/message_expiry/)
  expect(await of(and(isNotNull(messages.dueAt), lte(messages.expiresAt, now())))).not.toMatch(/message_expiry/)
})

async function planOf(db: Db, query: { toSQL(): { sql: string; params: unknown[] } }): Promise<string> {
  const { sql, params } = query.toSQL()
  if (!isPostgres) {
    const steps = db.$client.prepare(`explain query plan ${sql}`).all(...params)
    return steps.map(step => (step as { detail: string }).detail).join('\n')
  }
  const client = await poolOf(db).connect()
  try {
    await client.query('set enable_seqscan = off')
    const { rows } = await client.query(`explain ${sql}`, params)
    return rows.map(row => row['QUERY PLAN']).join('\n')
  } finally {
    client.release(true)
  }
}
