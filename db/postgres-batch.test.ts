import { describe, expect, test } from 'vitest'
import { newId } from '@/lib/id'
import { isPostgres, testDb } from '@/lib/testing/database'
import { atomically, NothingMatched, type Step } from './atomically'
import { keepPlans, poolOf } from './client'
import { insertRows, updateRows } from './rows'
import { accountHours, messages, recipients, tenants } from './schema'

const company = (slug: string) => ({ id: newId(), slug, name: slug, createdAt: new Date() })
const raw = (sql: string): Step => ({ sql, rows: [[]], params: [] })
const addCompany = (slug: string) => insertRows(tenants, ['id', 'slug', 'name', 'createdAt'], [company(slug)])

describe.skipIf(!isPostgres)('a write on PostgreSQL', () => {
  test('is undone whole when a statement in its middle fails, and says what the server said', async () => {
    await using db = await testDb()
    const write = atomically(db, () => [addCompany('one'), raw('select 1 / 0'), addCompany('two')])
    await expect(write).rejects.toMatchObject({ code: '22012' })
    expect(await db.select().from(tenants)).toEqual([])
  })

  test('leaves a connection on which the next one finds its statements, kept or not', async () => {
    await using db = await testDb()
    keepPlans(db)
    const hold = (id: string) => updateRows(tenants, ['name'], [{ id, name: 'held' }], { mustMatch: true })
    const add = () => insertRows(accountHours, ['accountId', 'hour', 'tenantId', 'recipientCount'], [], {}) // behind what fails: never parsed there
    await expect(atomically(db, () => [hold('nobody'), add()])).rejects.toBeInstanceOf(NothingMatched)
    const one = company('one')
    await atomically(db, () => [insertRows(tenants, ['id', 'slug', 'name', 'createdAt'], [one]), hold(one.id), add()])
    await expect(atomically(db, () => [add(), hold('nobody')])).rejects.toMatchObject({ position: 1 })
    await atomically(db, () => [hold(one.id), add()])
    expect(poolOf(db).totalCount, 'all of it on one connection').toBe(1)
    expect(await db.select().from(tenants)).toMatchObject([{ name: 'held' }])
  })

  test('whose connection is cut off says so, and the next one gets another', async () => {
    await using db = await testDb()
    const write = atomically(db, () => [addCompany('lost'), raw('select pg_terminate_backend(pg_backend_pid())'), addCompany('too')])
    await expect(write).rejects.toThrow()
    await atomically(db, () => [addCompany('kept')])
    expect(await db.select({ slug: tenants.slug }).from(tenants)).toEqual([{ slug: 'kept' }])
  })

  test.each([0, 500])('finds recipients and messages by their ids for ever, though its plans were made while there were %i of them', async there => {
    await using db = await testDb()
    keepPlans(db)
    await poolOf(db).query(
      `insert into recipient (id, message_id, tenant_id, position, field, address, state, updated_at)
       select 'r' || i, 'm' || i, 't', 0, 'to', 'a@b.test', 'queued', now() from generate_series(1, ${there}) as i`,
    )
    await poolOf(db).query(
      `insert into message (id, tenant_id, card_id, account_id, kind, priority, state, envelope_sender, from_name, from_address, subject, rfc_message_id,
                            size_bytes, search, queued_at, due_at, expires_at)
       select 'm' || i, 't', 'c', 'a', 'letter', 2, 'queued', '', '', '', '', '', 1, '', now(), now(), now() from generate_series(1, ${there}) as i`,
    )
    await poolOf(db).query('analyze recipient, message') // now the server knows how few there are, and would read them all
    const answers = [
      { id: 'nobody', state: 'accepted' as const },
      { id: 'nor this', state: 'refused' as const },
    ]
    const ended = answers.map(({ id }, i) => ({ id, state: 'accepted' as const, attemptCount: i }))
    for (let i = 0; i < 8; i++) {
      await atomically(db, () => [
        updateRows(recipients, ['state'], answers, { where: { messageId: 'm1' } }),
        updateRows(messages, ['state', 'attemptCount'], ended, { where: { accountId: 'a' }, holds: 'message.due_at is not null' }),
      ])
    }
    const client = await poolOf(db).connect()
    try {
      const { rows } = await client.query(`select name, statement, generic_plans::int as generic from pg_prepared_statements where statement like 'update %'`)
      expect(rows).toHaveLength(2)
      await client.query('set plan_cache_mode = force_generic_plan')
      for (const { name, statement, generic } of rows) {
        expect(generic, 'it is not planned anew each time').toBeGreaterThan(0)
        const values = new Set(statement.match(/\$\d+/g)).size
        const plan = await client.query(`explain execute "${name}" (${Array(values).fill('null').join(', ')})`)
        const text = plan.rows.map(row => row['QUERY PLAN']).join('\n')
        expect(text).toMatch(/Index Scan (using|on) (recipient|message)_pkey/)
        expect(text).toMatch(/Index Cond: .*id = ANY/)
        expect(text).not.toMatch(/Seq Scan|(using|on) message_(?!pkey)/)
      }
    } finally {
      client.release()
    }
  })
})
