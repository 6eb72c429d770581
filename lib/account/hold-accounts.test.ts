import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Account, accounts, messages } from '@/db/schema'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { claimAccounts, giveBack } from '@/lib/outbox/lease'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { openTransaction, untilSomebodyWaits } from '@/lib/testing/open-transaction'
import { pauseAccount } from './pause-account'
import { resumeStatements } from './resume-accounts'

async function claimed(db: Db): Promise<Account> {
  const [account] = await claimAccounts(db, 'this', { limit: 1, queue: 'mail' })
  if (!account) throw new Error('nothing to claim')
  return account
}

const letter = { to: ['k@example.test'], subject: 'x', text: 'x', kind: 'document' as const }

test.runIf(isPostgres)('taking in mail waits for no engine that is just renewing its lease', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, letter)
  const { id } = await claimed(db)
  await using engine = await openTransaction()
  await engine.client.query('update account set lease_until = lease_until where id = $1', [id])
  await enqueueMessage(db, user, letter) // would wait until the test gives up
  expect(await db.select().from(messages)).toHaveLength(2)
})

test.runIf(isPostgres).each([
  ['gives it back', (db: Db, account: Account) => giveBack(db, { accountId: account.id, number: account.leaseNumber }, null)],
  ['pauses it', (db: Db, account: Account) => pauseAccount(db, account, account.leaseNumber, { reason: 'loginRefused', text: null })],
  ['lets it go on', (db: Db, account: Account) => atomically(db, tx => resumeStatements(tx, [account.id]))],
] as const)('an account that mail is just being added to: who %s waits for the mail and sees it', async (_, change) => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await enqueueMessage(db, user, letter)
  const account = await claimed(db)
  const [first] = await db.select().from(messages)
  await db.update(messages).set({ state: 'accepted', dueAt: null })
  await using intake = await openTransaction()
  await intake.client.query('select 1 from account where id = $1 for key share', [account.id])
  const changing = change(db, account)
  await untilSomebodyWaits(intake.client)
  await intake.client.query(`update message set state = 'waiting', waiting_for = 'accountPaused', due_at = now() where id = $1`, [first?.id])
  await intake.client.query('commit')
  await changing
  const [[now], [message]] = [await db.select().from(accounts).where(eq(accounts.id, account.id)), await db.select().from(messages)]
  expect(now?.dueAt, 'something of it is due').not.toBeNull()
  expect(message?.state).toBe(now?.state === 'paused' || _ === 'gives it back' ? 'waiting' : 'queued')
})
