import { asc } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { newId } from '@/lib/id'
import { testDb } from '@/lib/testing/database'
import { atomically } from './atomically'
import { insertRows, updateRows } from './rows'
import { accounts, tenants } from './schema'

const company = (slug: string) => ({ id: newId(), slug, name: `${slug}, "quoted" ąę\\ {1}`, createdAt: new Date(1_700_000_000_123) })

test('rows of one statement keep every kind of value, null too', async () => {
  await using db = await testDb()
  const [one, two] = [company('one'), company('two')]
  await atomically(db, () => [
    insertRows(tenants, ['id', 'slug', 'name', 'createdAt'], [one, two]),
    insertRows(tenants, ['id', 'slug', 'name', 'createdAt'], []),
  ])
  expect(await db.select().from(tenants).orderBy(asc(tenants.slug))).toMatchObject([one, two])
  const account = (identity: string) => ({ id: newId(), tenantId: one.id, kind: 'smtp' as const, identity, port: 25, host: null, createdAt: new Date() })
  await atomically(db, () => [insertRows(accounts, ['id', 'tenantId', 'kind', 'identity', 'port', 'host', 'createdAt'], [account('a'), account('b')])])
  expect(await db.select().from(accounts).orderBy(asc(accounts.identity))).toMatchObject([
    { identity: 'a', port: 25, host: null, dueAt: null },
    { identity: 'b' },
  ])
})

test('rows are changed by id, and only in the state that was meant', async () => {
  await using db = await testDb()
  const tenant = company('one')
  const account = { id: newId(), tenantId: tenant.id, kind: 'smtp' as const, identity: 'a', createdAt: new Date() }
  await db.insert(tenants).values(tenant)
  await db.insert(accounts).values(account)
  const dueAt = new Date(1_700_000_000_456)
  await atomically(db, () => [
    updateRows(accounts, ['dueAt', 'pausedText'], [{ id: account.id, dueAt, pausedText: 'no' }, { id: 'nobody' }], { state: 'active' }),
  ])
  expect(await db.select().from(accounts)).toMatchObject([{ dueAt, pausedText: 'no' }])
  await atomically(db, () => [updateRows(accounts, ['dueAt'], [{ id: account.id, dueAt: null }], { state: 'paused' })])
  expect(await db.select().from(accounts), 'it was not paused').toMatchObject([{ dueAt }])
})
