import { asc } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { newId } from '@/lib/id'
import { testDb } from '@/lib/testing/database'
import { atomically, NothingMatched } from './atomically'
import { insertRows, updateRows } from './rows'
import { accountHours, accounts, tenants } from './schema'

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
    updateRows(accounts, ['dueAt', 'pausedText'], [{ id: account.id, dueAt, pausedText: 'no' }, { id: 'nobody' }], { where: { state: 'active' } }),
  ])
  expect(await db.select().from(accounts)).toMatchObject([{ dueAt, pausedText: 'no' }])
  await atomically(db, () => [updateRows(accounts, ['dueAt'], [{ id: account.id, dueAt: null }], { where: { state: 'paused' } })])
  expect(await db.select().from(accounts), 'it was not paused').toMatchObject([{ dueAt }])
})

test('a lease that is gone undoes what was written under it', async () => {
  await using db = await testDb()
  const tenant = company('one')
  const account = { id: newId(), tenantId: tenant.id, kind: 'smtp' as const, identity: 'a', createdAt: new Date(), leaseNumber: 2 }
  await db.insert(tenants).values(tenant)
  await db.insert(accounts).values(account)
  const hold = (leaseNumber: number) =>
    updateRows(accounts, ['leaseUntil'], [{ id: account.id, leaseUntil: new Date() }], { where: { leaseNumber }, mustMatch: true })
  await expect(atomically(db, () => [insertRows(tenants, ['id', 'slug', 'name', 'createdAt'], [company('two')]), hold(1)])).rejects.toBeInstanceOf(
    NothingMatched,
  )
  expect(await db.select().from(tenants)).toHaveLength(1)
  await atomically(db, () => [hold(2)])
})

test('counts of one key add up', async () => {
  await using db = await testDb()
  const tenant = company('one')
  const account = { id: newId(), tenantId: tenant.id, kind: 'smtp' as const, identity: 'a', createdAt: new Date() }
  await db.insert(tenants).values(tenant)
  await db.insert(accounts).values(account)
  const hour = new Date(1_700_000_000_000)
  const count = (recipientCount: number) =>
    insertRows(accountHours, ['accountId', 'hour', 'tenantId', 'recipientCount'], [{ accountId: account.id, hour, tenantId: tenant.id, recipientCount }], {
      key: ['accountId', 'hour'],
      add: ['recipientCount'],
    })
  await atomically(db, () => [count(3)])
  await atomically(db, () => [count(4)])
  expect(await db.select().from(accountHours)).toEqual([{ accountId: account.id, hour, tenantId: tenant.id, recipientCount: 7 }])
})
