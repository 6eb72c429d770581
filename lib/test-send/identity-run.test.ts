import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { messages, senders, testSends } from '@/db/schema'
import { seconds, shiftClock } from '@/lib/clock'
import { senderForm } from '@/lib/sender/sender.form'
import { type Company, makeBaseUser, makeCard, makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { password, sendThrough, turn } from '@/lib/testing/outbox'
import { type Smarthost, startSmarthost } from '@/lib/testing/smtp-server'
import { findIdentityRun, startIdentityRun } from './identity-run'

const login = 'jan@acme.test'

async function baseUser(db: Db, { admin }: Company, smarthost: Smarthost): Promise<void> {
  await sendThrough(db, admin, smarthost, login)
  await makeBaseUser(db, admin)
}

test('every card that leaves through the base user is tried with its own From, and each answer is kept', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({
    users: { [login]: password },
    dataReply: ({ mail }) =>
      mail.from?.value[0]?.address === 'anna@acme.test'
        ? { code: 550, text: '5.7.1 <anna@acme.test>: Sender address rejected: not owned by user jan@acme.test' }
        : null,
  })
  const company = await makeCompany(db)
  const { admin, user } = company
  await expect(startIdentityRun(db, admin, {})).rejects.toMatchObject({ code: 'noBaseUser' })
  await baseUser(db, company, smarthost)
  await expect(startIdentityRun(db, user, {}), 'it is the admin’s').rejects.toMatchObject({ code: 'notAdmin' })
  await makeCard(db, { tenantId: company.tenantId, slug: 'acme', code: 'EWA', name: 'Ewa', role: 'user' })
  await makeCard(db, { tenantId: company.tenantId, slug: 'acme', code: 'OLA', name: 'Ola', role: 'user', email: null })

  expect(await startIdentityRun(db, admin, {}), 'a card without an e-mail cannot send').toMatchObject({ count: 4 })
  await expect(startIdentityRun(db, admin, {}), 'one run at a time').rejects.toMatchObject({ code: 'identityTestsRunning' })
  const due = (await db.select({ dueAt: messages.dueAt }).from(messages)).map(({ dueAt }) => dueAt?.getTime())
  expect(new Set(due).size, 'three at a time').toBe(2)
  const putBack = shiftClock(seconds(5))
  await turn(db)
  putBack()
  const run = await findIdentityRun(db, admin)
  expect(run?.ended).toBe(true)
  expect(run?.tests.map(({ code, outcome }) => `${code} ${outcome}`).sort()).toEqual(['ANNA refused', 'EWA accepted', 'JAN accepted', 'PIOTR accepted'])
  const refused = run?.tests.find(({ code }) => code === 'ANNA')
  expect(refused).toMatchObject({ from: 'anna@acme.test', said: expect.stringContaining('not owned by user'), explained: { explanation: 'senderNotAllowed' } })
  expect(smarthost.received.every(({ envelopeRecipients }) => envelopeRecipients.join() === 'jan@acme.test')).toBe(true)

  const other = await makeCompany(db, 'beta')
  expect(await findIdentityRun(db, other.admin), 'another company sees nothing of it').toBeNull()
})

test('after a refused login nobody else of the run signs in', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { [login]: 'changed' } })
  const company = await makeCompany(db)
  await baseUser(db, company, smarthost)
  await makeCard(db, { tenantId: company.tenantId, slug: 'acme', code: 'EWA', name: 'Ewa', role: 'user' })
  await startIdentityRun(db, company.admin, {})
  await turn(db)
  const tried = smarthost.logins.length
  const putBack = shiftClock(seconds(5))
  await turn(db)
  putBack()
  expect(smarthost.logins.length).toBe(tried)
  expect((await findIdentityRun(db, company.admin))?.ended).toBe(true)
})

test('the values on screen are tried as everybody before they are saved, with the password typed for them', async () => {
  await using db = await testDb()
  await using before = await startSmarthost({ users: { [login]: password } })
  await using after = await startSmarthost({ users: { 'office@acme.test': 'typed' } })
  const company = await makeCompany(db)
  const { admin, tenantId } = company
  const another = await makeCard(db, { tenantId, slug: 'acme', code: 'EWA', name: 'Ewa', role: 'admin' })
  await baseUser(db, company, before)
  const values = senderForm.parse({ choice: 'smtp', server: `${after.host}:${after.port}`, tls: 'starttls', username: 'office@acme.test', password: 'typed' })
  await expect(startIdentityRun(db, another, { values }), 'what is on screen is the base user’s own to try').rejects.toMatchObject({ code: 'testOwnOnly' })
  await startIdentityRun(db, admin, { values })
  const sealed = (await db.select({ sealed: testSends.valuesSealed }).from(testSends)).map(row => row.sealed)
  expect(new Set(sealed).size, 'sealed for each test alone').toBe(sealed.length)
  const putBack = shiftClock(seconds(5))
  await turn(db)
  putBack()
  expect(after.received.map(({ mail }) => mail.from?.value[0]?.address).sort()).toEqual(['anna@acme.test', 'ewa@acme.test', 'jan@acme.test', 'piotr@acme.test'])
  expect(after.logins.every(({ username, password }) => username === 'office@acme.test' && password === 'typed')).toBe(true)
  expect(before.logins, 'nobody signs in where nothing is typed for').toEqual([])
  expect(
    (await db.select({ sealed: testSends.valuesSealed }).from(testSends)).every(row => row.sealed === null),
    'wiped at the end',
  ).toBe(true)
  expect((await db.select({ host: senders.host, username: senders.username }).from(senders))[0], 'nothing is saved').toMatchObject({
    username: login,
  })
})
