import { expect, test } from 'vitest'
import { accounts, messages } from '@/db/schema'
import { after, days, now } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sendThrough } from '@/lib/testing/outbox'
import { resumeAccount } from './resume-accounts'

test('an account that somebody mended tries again, and no other company’s at the same server', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  for (const { user } of [acme, globex]) {
    await sendThrough(db, user, { host: 'smtp.shared.test', port: 587 })
    await enqueueMessage(db, user, { to: ['k@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  }
  await db.update(accounts).set({ state: 'paused', pauseReason: 'tlsFailed', pausedAt: now() })
  await db.update(messages).set({ state: 'waiting', waitingFor: 'accountPaused' })
  const [first, second] = await db.select().from(accounts)
  expect(first?.identity, 'one server, no login').toBe(second?.identity)
  await resumeAccount(db, { tenantId: globex.tenantId, identity: first?.identity ?? '' })
  const stateByTenant = new Map((await db.select().from(accounts)).map(({ tenantId, state }) => [tenantId, state]))
  expect([stateByTenant.get(acme.tenantId), stateByTenant.get(globex.tenantId)]).toEqual(['paused', 'active'])
  const waitingByTenant = new Map((await db.select().from(messages)).map(({ tenantId, waitingFor }) => [tenantId, waitingFor]))
  expect([waitingByTenant.get(acme.tenantId), waitingByTenant.get(globex.tenantId)]).toEqual(['accountPaused', null])
})

test('what waits for something else than its account goes on waiting when that is mended', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await sendThrough(db, user, { host: 'smtp.shared.test', port: 587 })
  await enqueueMessage(db, user, { to: ['k@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  await db.update(messages).set({ state: 'waiting', waitingFor: 'setAside', dueAt: after(now(), days(5)) })
  await db.update(accounts).set({ state: 'paused', pauseReason: 'tlsFailed', pausedAt: now() })
  const [{ identity } = { identity: '' }] = await db.select().from(accounts)
  await resumeAccount(db, { tenantId: user.tenantId, identity })
  expect(await db.select().from(messages)).toMatchObject([{ state: 'waiting', waitingFor: 'setAside' }])
})
