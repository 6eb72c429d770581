import { setTimeout as wait } from 'node:timers/promises'
import { firstIdAt } from '@/lib/id'
import type { Installation } from './installation'

const accounts = 10_000
const seeded = new WeakMap<Installation, number>()

/** Fills an installation up to so many messages of the company whose mail flows, spread over ten thousand accounts; half accepted, half waiting until tomorrow. */
export async function growTo(installation: Installation, size: number): Promise<void> {
  const from = seeded.get(installation) ?? 0
  if (from === 0) await addAccounts(installation)
  if (size > from) await addMessages(installation, from + 1, size)
  seeded.set(installation, Math.max(from, size))
  if (installation.dialect === 'postgres') await installation.run('analyze') // as its autovacuum would; SQLite keeps what it is told (db/sqlite-connection.ts)
  await indexAnew(installation)
}

/** Takes out again what was not seeded. */
export async function forgetAllElse({ run }: Installation): Promise<void> {
  for (const table of ['attempt', 'recipient', 'message_content']) await run(`delete from ${table} where message_id not like '00seed%'`)
  await run(`delete from message where id not like '00seed%'`)
}

async function addAccounts({ dialect, run, flowing }: Installation): Promise<void> {
  const tomorrow = instant(dialect, Date.now() + 86_400_000)
  await run(
    `insert into account (id, tenant_id, kind, identity, host, port, tls, state, due_at, lease_number, created_at)
     ${series(dialect, 1, accounts)} select 'seed' || i, '${flowing.tenantId}', 'smtp', 'seed ' || i, 'mail.example.test', 587, 'starttls', 'active', ${tomorrow}, 0, ${instant(dialect, Date.now())} from n`,
  )
}

async function addMessages({ dialect, run, flowing }: Installation, from: number, to: number): Promise<void> {
  const [card] = await run(`select id from card where tenant_id = '${flowing.tenantId}'`)
  const queuedAt = dialect === 'sqlite' ? `${Date.now() - 30 * 86_400_000} + i * 2000` : `to_timestamp(${Date.now() / 1000 - 30 * 86_400} + i * 2)`
  const [tomorrow, later] = [instant(dialect, Date.now() + 86_400_000), instant(dialect, Date.now() + 5 * 86_400_000)]
  const accepted = 'i % 2 = 0'
  const id = `'00seed' || ${dialect === 'sqlite' ? "printf('%020d', i)" : "lpad(i::text, 20, '0')"}` // before all that are made by time
  await run(
    `insert into message (id, tenant_id, card_id, account_id, kind, priority, state, waiting_for, envelope_sender, from_name, from_address, subject, rfc_message_id, size_bytes, search, attempt_count, queued_at, due_at, expires_at)
     ${series(dialect, from, to)} select ${id}, '${flowing.tenantId}', '${card?.id}', 'seed' || (1 + i % ${accounts}), 'document', 1,
       case when ${accepted} then 'accepted' else 'waiting' end, case when ${accepted} then null else 'tryLater' end,
       'anna@acme.test', 'Anna', 'anna@acme.test', 'Invoice ' || i || '/2026', 'seed.' || i || '@acme.test', 1500,
       ' invoice ' || i || '/2026 2026 customer' || (i % 5000) || '@example.test ' || (i % 5000) || '@example.test example.test test', 1, ${queuedAt}, case when ${accepted} then null else ${tomorrow} end, ${later} from n`,
  )
  await run(
    `insert into recipient (id, message_id, tenant_id, position, field, address, state, updated_at)
     ${series(dialect, from, to)} select ${id}, ${id}, '${flowing.tenantId}', 0, 'to', 'customer' || (i % 5000) || '@example.test',
       case when ${accepted} then 'accepted' else 'waiting' end, ${queuedAt} from n`,
  )
}

/** As the engine does it, which has nothing else to do meanwhile. The seeded ids come before all times, so how far it got is then said as a time. */
async function indexAnew({ dialect, run }: Installation): Promise<void> {
  await run(dialect === 'sqlite' ? `insert into message_word(message_word) values ('delete-all')` : 'truncate message_word')
  await run('update installation set indexed_to = null')
  const aMinuteAgo = firstIdAt(new Date(Date.now() - 60_000))
  for (let isBehind = true; isBehind; await wait(500)) {
    const [{ to } = { to: null }] = await run('select indexed_to as "to" from installation')
    const [next] = await run(`select id from message where id > '${to ?? ''}' and id < '${aMinuteAgo}' limit 1`)
    isBehind = next !== undefined
  }
  await run(`update installation set indexed_to = '${aMinuteAgo}' where indexed_to < '${aMinuteAgo}'`)
}

const series = (dialect: Installation['dialect'], from: number, to: number) =>
  dialect === 'sqlite'
    ? `with recursive n(i) as (select ${from} union all select i + 1 from n where i < ${to})`
    : `with n(i) as (select generate_series(${from}, ${to}))`

const instant = (dialect: Installation['dialect'], ms: number) => (dialect === 'sqlite' ? String(ms) : `to_timestamp(${ms / 1000})`)
