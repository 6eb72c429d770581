import { eq } from 'drizzle-orm'
import { afterEach, expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { type Account, accounts, messages, senders } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { after, hours, now, shiftClock } from '@/lib/clock'
import { loadRoute } from '@/lib/sender/resolve-route'
import { accountIdentityOf } from '@/lib/sender/route-rules'
import { makeCompany } from '@/lib/testing/company'
import { consent } from '@/lib/testing/consent'
import { testDb } from '@/lib/testing/database'
import { type Microsoft, startMicrosoft } from '@/lib/testing/microsoft'
import { password, relayAt, sendThrough } from '@/lib/testing/outbox'
import { type Smarthost, startSmarthost } from '@/lib/testing/smtp-server'
import { checkAccounts } from './check-accounts'
import { findOrCreateAccount } from './find-account'
import { resumeAccountsOf } from './resume-accounts'

const { signal } = new AbortController()
const platform = {
  mode: 'sandbox' as const,
  relay: relayAt({ port: 1 }),
}
const clocks: (() => void)[] = []
afterEach(() => {
  for (const putBack of clocks.splice(0)) putBack()
})

/** A day later, and the round of checks that comes with it. */
async function later(db: Db, ms: number): Promise<number> {
  clocks.push(shiftClock(ms))
  return checkAccounts(db, platform, { signal })
}

async function useServer(db: Db, actor: Actor, server: Pick<Smarthost, 'host' | 'port'>): Promise<Account> {
  await sendThrough(db, actor, server, 'anna')
  return findOrCreateAccount(db, actor.tenantId, accountIdentityOf(await loadRoute(db, actor.tenantId, actor.cardId)))
}

const read = async (db: Db, { id }: Account) => (await db.select().from(accounts).where(eq(accounts.id, id)))[0] as Account
const subjects = async (db: Db) => (await db.select({ subject: messages.subject }).from(messages)).map(({ subject }) => subject).sort()

test('each account signs in once within a day, spread over it, and says since when it works', async () => {
  await using db = await testDb()
  await using server = await startSmarthost({ users: { anna: password } })
  const { user } = await makeCompany(db)
  const account = await useServer(db, user, server)
  expect(await checkAccounts(db, platform, { signal }), 'planned, not done at once').toBe(0)
  expect((await read(db, account)).checkDueAt?.getTime()).toBeLessThanOrEqual(after(now(), hours(24)).getTime())

  expect(await later(db, hours(24))).toBe(1)
  const first = await read(db, account)
  expect(first).toMatchObject({ state: 'active', worksSince: expect.any(Date), checkedAt: expect.any(Date) })
  expect(server.logins.length).toBe(1)
  expect(server.received, 'a check sends nothing').toEqual([])
  expect(await later(db, hours(1)), 'once is enough for a day').toBe(0)
  expect(await later(db, hours(25))).toBe(1)
  const second = await read(db, account)
  expect(second.worksSince).toEqual(first.worksSince)
  expect(second.checkedAt?.getTime()).toBeGreaterThan(first.checkedAt?.getTime() ?? 0)
  expect(await subjects(db), 'what works is nobody’s news').toEqual([])
})

test('a refused login pauses the account as sending would, is told once, and a paused account is left alone', async () => {
  await using db = await testDb()
  await using server = await startSmarthost({ users: { anna: 'changed' } })
  const { user } = await makeCompany(db)
  const account = await useServer(db, user, server)
  await checkAccounts(db, platform, { signal })
  await later(db, hours(24))
  expect(await read(db, account)).toMatchObject({ state: 'paused', pauseReason: 'loginRefused', worksSince: null, pausedText: expect.stringContaining('535') })
  expect(await subjects(db), 'Anna and the admin').toEqual([`Mail is waiting: anna, localhost`, `Mail is waiting: anna, localhost`])
  expect(await later(db, hours(48)), 'the password is not tried again and again').toBe(0)
  expect(server.logins.length).toBe(1)

  server.behave({ users: { anna: password } })
  await resumeAccountsOf(db, user)
  await later(db, hours(24))
  expect(await read(db, account)).toMatchObject({ state: 'active', worksSince: expect.any(Date), toldFailingAt: null })
  expect((await subjects(db)).filter(subject => subject.startsWith('Mail is sent again'))).toHaveLength(2)
  await later(db, hours(30))
  expect(
    (await subjects(db)).filter(subject => subject.startsWith('Mail is sent again')),
    'told once',
  ).toHaveLength(2)
})

test('a server that does not answer is asked again after an hour, and then told once', async () => {
  await using db = await testDb()
  const gone = await startSmarthost({ users: { anna: password } })
  const { user } = await makeCompany(db)
  const account = await useServer(db, user, gone)
  await gone.close()
  await checkAccounts(db, platform, { signal })
  await later(db, hours(24))
  expect(await subjects(db), 'once may be a moment').toEqual([])
  expect(await read(db, account)).toMatchObject({ state: 'active', failingSince: expect.any(Date) })
  await later(db, hours(1))
  expect(await subjects(db)).toEqual(['The mail server does not answer: anna, localhost', 'The mail server does not answer: anna, localhost'])
  await later(db, hours(26))
  expect(await subjects(db), 'not every day anew').toHaveLength(2)

  await using back = await startSmarthost({ users: { anna: password }, port: gone.port })
  await later(db, hours(26))
  expect(back.logins).toHaveLength(1)
  expect(await read(db, account)).toMatchObject({ failingSince: null, toldFailingAt: null, worksSince: expect.any(Date) })
  expect((await subjects(db)).filter(subject => subject.startsWith('Mail is sent again'))).toHaveLength(2)
})

test('two engines check an account once, and one that no card uses any more is not checked', async () => {
  await using db = await testDb()
  await using server = await startSmarthost({ users: { anna: password } })
  const { user, second } = await makeCompany(db)
  const account = await useServer(db, user, server)
  await checkAccounts(db, platform, { signal })
  clocks.push(shiftClock(hours(24)))
  const rounds = await Promise.all([checkAccounts(db, platform, { signal }), checkAccounts(db, platform, { signal })])
  expect(rounds.reduce((sum, count) => sum + count)).toBe(1)
  expect(server.logins).toHaveLength(1)

  await db.update(senders).set({ choice: 'platform', host: null, port: null, tls: null, username: null }).where(eq(senders.cardId, user.cardId))
  await later(db, hours(26))
  expect(server.logins, 'left behind').toHaveLength(1)
  expect(await read(db, account)).toMatchObject({ state: 'active' })
  expect(second.cardId).not.toBe(user.cardId)
})

test('a Microsoft mailbox is checked with a token renewed by Microsoft, and its lost and mended consent is told once', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  const account = await useMicrosoft(db, microsoft, user)
  await checkAccounts(db, platform, { signal })
  expect(await later(db, hours(24))).toBe(1)
  expect(microsoft.identity.refreshes, 'the token of yesterday was worn out').toBe(1)
  expect(microsoft.smtp.logins).toMatchObject([{ method: 'XOAUTH2', username: 'anna@acme.test' }])
  expect(microsoft.smtp.received, 'a check sends nothing').toEqual([])
  expect(await read(db, account)).toMatchObject({ state: 'active', worksSince: expect.any(Date), checkedAt: expect.any(Date) })

  microsoft.identity.answerAll({ status: 503 })
  await later(db, hours(26))
  await later(db, hours(2))
  expect(await subjects(db), 'an outage of Microsoft’s sign-in is nobody’s news').toEqual([])
  expect(await read(db, account)).toMatchObject({ state: 'active', failingSince: null })

  microsoft.identity.answerAll(null)
  microsoft.identity.refuse('anna@acme.test', { error: 'invalid_grant', description: 'AADSTS50173: The provided grant has expired due to it being revoked' })
  await later(db, hours(26))
  expect(await read(db, account)).toMatchObject({
    state: 'paused',
    pauseReason: 'consentNeeded',
    worksSince: null,
    pausedText: expect.stringContaining('AADSTS50173'),
  })
  const held = 'Mail is waiting: anna@acme.test, localhost'
  expect(await subjects(db), 'Anna and the admin').toEqual([held, held])
  await later(db, hours(48))
  expect(await subjects(db), 'once').toEqual([held, held])

  await consent(db, microsoft, user)
  await later(db, hours(26))
  expect(await read(db, account)).toMatchObject({ state: 'active', worksSince: expect.any(Date), toldFailingAt: null })
  const again = 'Mail is sent again: anna@acme.test, localhost'
  expect(await subjects(db)).toEqual([again, again, held, held])
  await later(db, hours(26))
  expect(await subjects(db), 'once').toEqual([again, again, held, held])
})

test('a mailbox on Graph is checked by renewing its token, and an SMTP server that takes no token any more pauses the other', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user, second } = await makeCompany(db)
  const account = await useMicrosoft(db, microsoft, user)
  const overGraph = await useMicrosoft(db, microsoft, second, 'graph')
  await checkAccounts(db, platform, { signal })
  microsoft.smtp.behave({
    checkToken: () => ({ code: 535, text: '5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.' }),
  })
  await later(db, hours(24))
  expect(await read(db, account)).toMatchObject({ state: 'paused', pauseReason: 'loginRefused', pausedText: expect.stringContaining('5.7.139') })
  expect(await read(db, overGraph)).toMatchObject({ state: 'active', worksSince: expect.any(Date) })
  expect(microsoft.identity.refreshes, 'both tokens were worn out').toBeGreaterThanOrEqual(2)
})

async function useMicrosoft(db: Db, microsoft: Microsoft, actor: Actor, purpose: 'connect' | 'graph' = 'connect'): Promise<Account> {
  const { tenantId, cardId, code } = actor
  await db.insert(senders).values({ cardId, tenantId, choice: 'microsoft365', username: `${code.toLowerCase()}@acme.test`, updatedAt: now() })
  await consent(db, microsoft, actor, { address: `${code.toLowerCase()}@acme.test`, purpose })
  return findOrCreateAccount(db, tenantId, accountIdentityOf(await loadRoute(db, tenantId, cardId)))
}
