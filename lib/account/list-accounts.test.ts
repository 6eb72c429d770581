import { expect, test } from 'vitest'
import { accounts } from '@/db/schema'
import { now } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sendThrough } from '@/lib/testing/outbox'
import { listAccounts } from './list-accounts'

test('an admin sees the accounts that mail of the company has left through, and of no other company', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  for (const { user, admin } of [acme, globex]) {
    const host = `smtp.${user.code.toLowerCase()}.${user.tenantId}.test`
    await sendThrough(db, user, { host, port: 587 })
    for (const actor of [user, admin]) await enqueueMessage(db, actor, { to: ['k@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  }
  expect(await listAccounts(db, acme.admin), 'nothing has left yet').toEqual([])
  await db.update(accounts).set({ lastAcceptedAt: now() })
  expect(
    (await listAccounts(db, acme.admin)).map(({ host }) => host),
    'the relay is the platform’s',
  ).toEqual([`smtp.anna.${acme.tenantId}.test`])
  await expect(listAccounts(db, acme.user)).rejects.toMatchObject({ code: 'notAdmin' })
})
