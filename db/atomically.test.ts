import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { newId } from '@/lib/id'
import { testDb } from '@/lib/testing/database'
import { atomically, must, NothingMatched } from './atomically'
import { tenants } from './schema'

const company = (slug: string) => ({ id: newId(), slug, name: slug, createdAt: new Date() })

test('a write whose required statement matches nothing leaves no row behind', async () => {
  await using db = await testDb()
  const write = atomically(db, tx => [
    tx.insert(tenants).values(company('half')),
    must(tx.update(tenants).set({ name: 'x' }).where(eq(tenants.slug, 'nobody')).returning()),
  ])
  await expect(write).rejects.toBeInstanceOf(NothingMatched)
  expect(await db.select().from(tenants), 'the insert before it is undone').toEqual([])
})

test('of writes made at once the one that fails takes no other with it', async () => {
  await using db = await testDb()
  const results = await Promise.allSettled([
    atomically(db, tx => [tx.insert(tenants).values(company('first'))]),
    atomically(db, tx => [tx.insert(tenants).values(company('second')), tx.insert(tenants).values(company('second'))]),
    atomically(db, tx => [tx.insert(tenants).values(company('third'))]),
  ])
  expect(results.map(result => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  const kept = await db.select({ slug: tenants.slug }).from(tenants)
  expect(kept.map(row => row.slug).sort()).toEqual(['first', 'third'])
})

test('each statement gives the rows it returned, in order', async () => {
  await using db = await testDb()
  const [inserted, read] = await atomically(db, tx => [tx.insert(tenants).values(company('only')).returning(), tx.select({ name: tenants.name }).from(tenants)])
  expect(inserted).toMatchObject([{ slug: 'only', version: 1 }])
  expect(read).toEqual([{ name: 'only' }])
})
