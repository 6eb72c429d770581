import { eq } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { closeDb, type Db, openDb, poolOf } from '@/db/client'
import { messages } from '@/db/schema'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { runEngine } from './run-engine'

test.runIf(isPostgres)('outcomes are written beside what was queued, and leave the indexes alone', { timeout: 60_000 }, async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost()
  const { user } = await makeCompany(db)
  const mail = { to: ['one@example.test', 'two@example.test'], subject: 'Faktura', text: 'x', kind: 'document' as const }
  for (let count = 0; count < 150; count++) await enqueueMessage(db, user, mail)
  const stop = new AbortController()
  const relay = { host: smarthost.host, port: smarthost.port, tls: 'starttls' as const, login: null, trust: 'platform' as const }
  const engines = openDb()
  const running = runEngine(engines, { signal: stop.signal, engineId: 'one', mode: 'live', relay })
  await vi.waitFor(async () => expect(await db.$count(messages, eq(messages.state, 'accepted'))).toBe(150), { timeout: 30_000 })
  stop.abort()
  await running
  await closeDb(engines) // what a connection counted is told when it ends
  await vi.waitFor(async () => expect(await updates(db)).toMatchObject({ recipient: { all: 300 } }), { timeout: 10_000 })
  const { recipient, attempt } = await updates(db)
  expect(recipient?.beside).toBeGreaterThan(270)
  expect(attempt?.all, 'an attempt is written once').toBe(0)
})

async function updates(db: Db): Promise<Record<string, { all: number; beside: number }>> {
  const { rows } = await poolOf(db).query('select relname, n_tup_upd::int as all, n_tup_hot_upd::int as beside from pg_stat_user_tables')
  return Object.fromEntries(rows.map(({ relname, all, beside }) => [relname, { all, beside }]))
}
