import { expect, test } from 'vitest'
import { closeDb, type Db, keepPlans, openDb, poolOf } from '@/db/client'
import { isAmong } from '@/db/compiled-query'
import { messageContents } from '@/db/schema'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { recipientsOf } from '@/lib/message/recipient'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { Hand } from './hand'
import { claimAccounts } from './lease'
import { takeDue } from './take-due'

/** What an engine reads for every message, and the index that it must go by on the day when the outbox is full. */
const indexes = { message: 'message_due', recipient: 'recipient_of_message', account: 'account_(mail|test)_due' }

test.skipIf(!isPostgres)('plans that an engine keeps go by the right index, though they were made while nothing was there', async () => {
  await using db = await testDb()
  keepPlans(db)
  await poolOf(db).query('analyze')
  for (let i = 0; i < 8; i++) {
    await takeDue(db, new Hand({ accountId: 'nobody', number: 1 }), { limit: 10, aborting: new AbortController().signal })
    await recipientsOf(db, ['nothing'])
    for (const queue of ['mail', 'test'] as const) await claimAccounts(db, 'engine', { limit: 10, queue })
  }
  const { rows: kept } = await poolOf(db).query<{ name: string; statement: string }>(
    `select name, statement from pg_prepared_statements where statement like 'select%'`,
  )
  expect(kept).toHaveLength(4)
  await poolOf(db).query('set plan_cache_mode = force_generic_plan')
  for (const { name, statement } of kept) {
    const table = /from "(\w+)"/.exec(statement)?.[1] as keyof typeof indexes
    const values = new Set(statement.match(/\$\d+/g)).size
    const { rows } = await poolOf(db).query(`explain execute "${name}" (${Array(values).fill('null').join(', ')})`)
    const plan = rows.map(row => row['QUERY PLAN']).join('\n')
    expect(plan, statement).toMatch(new RegExp(`Index Scan using ${indexes[table]} on ${table}`))
    expect(plan, statement).not.toMatch(/Seq Scan|Sort/)
  }
})

test.skipIf(isPostgres)('SQLite finds the text of a message by its id, though somebody had it analyze the outbox when there was one', async () => {
  await using before = await testDb()
  const { user } = await makeCompany(before)
  await enqueueMessage(before, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  const planOn = (db: Db) => {
    const { sql } = db.select().from(messageContents).where(isAmong(messageContents.messageId, [])).toSQL()
    return db.$client
      .prepare(`explain query plan ${sql}`)
      .all('[]')
      .map(step => (step as { detail: string }).detail)
      .join('\n')
  }
  before.$client.exec('analyze')
  expect(planOn(before), 'as it would be from now on').toMatch(/SCAN message_content/)
  const db = openDb()
  expect(planOn(db)).toMatch(/SEARCH message_content USING INDEX/)
  await closeDb(db)
})
