import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { type Account, accounts, messages } from '@/db/schema'
import { pauseAccount } from '@/lib/account/pause-account'
import { after, minutes, now, shiftClock } from '@/lib/clock'
import { newId } from '@/lib/id'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { claimAccounts, giveBack } from './lease'

test('of engines that see at once that an account has something due, one gets it', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  const claimed = await Promise.all(['one', 'two', 'three'].map(engineId => claimAccounts(db, engineId, { limit: 5, queue: 'mail' })))
  expect(claimed.flat()).toHaveLength(1)
})

test('an engine that has lost its account does not give it back: who has it now keeps it', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  const claim = async (engineId: string) => (await claimAccounts(db, engineId, { limit: 5, queue: 'mail' }))[0]
  const older = await claim('one')
  const back = shiftClock(minutes(1))
  await claim('two')
  await giveBack(db, { accountId: older?.id ?? '', number: older?.leaseNumber ?? 0 }, null)
  expect(await claim('three'), 'it would send what the second is just sending').toBeUndefined()
  back()
})

test('an engine that has lost its account does not pause it either: who has it now may just have been let in', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  const claim = async (engineId: string) => (await claimAccounts(db, engineId, { limit: 5, queue: 'mail' }))[0]
  const older = await claim('one')
  const back = shiftClock(minutes(1))
  const newer = await claim('two')
  back()
  if (!older || !newer) throw new Error('both got it')
  const pause = ({ leaseNumber }: Account) => pauseAccount(db, older, leaseNumber, { reason: 'loginRefused', text: '535 no' })
  await pause(older)
  expect(await db.select().from(messages)).toMatchObject([{ state: 'queued', kind: 'document' }])
  await pause(newer)
  expect(await db.select().from(accounts).where(eq(accounts.id, newer.id))).toMatchObject([{ state: 'paused' }])
})

test('a company whose servers let an engine wait keeps half of its places, and no more', async () => {
  await using db = await testDb()
  const [acme, beta] = [await makeCompany(db, 'acme'), await makeCompany(db, 'beta')]
  const due = { dueAt: after(now(), -minutes(1)), createdAt: now(), kind: 'smtp' as const, host: 'slow.acme.test' }
  await db.insert(accounts).values(Array.from({ length: 150 }, (_, i) => ({ id: newId(), tenantId: acme.tenantId, identity: `acme ${i}`, ...due })))
  await db.insert(accounts).values({ id: newId(), tenantId: beta.tenantId, identity: 'beta', ...due, dueAt: now() })
  const claim = (count: number) => claimAccounts(db, 'one', { limit: 6 - count, queue: 'mail', mostOfOne: 3, busy: new Map([[acme.tenantId, count]]) })
  expect((await claim(0)).map(({ tenantId }) => tenantId)).toEqual([acme.tenantId, acme.tenantId, acme.tenantId])
  expect(
    (await claim(3)).map(({ tenantId }) => tenantId),
    'however many of theirs are due',
  ).toEqual([beta.tenantId])
})
