import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { messages, microsoft365Connections, senders } from '@/db/schema'
import { getAccountHealth } from '@/lib/account/account-health'
import { listAccounts } from '@/lib/account/list-accounts'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { getRoute } from '@/lib/sender/resolve-route'
import { shownServer } from '@/lib/sender/route'
import { accountIdentityOf } from '@/lib/sender/route-rules'
import { makeBaseUser, makeCompany } from '@/lib/testing/company'
import { consent } from '@/lib/testing/consent'
import { testDb } from '@/lib/testing/database'
import { startMicrosoft } from '@/lib/testing/microsoft'
import { turn } from '@/lib/testing/outbox'
import { getConnection } from './connection'
import { microsoftLogin } from './microsoft-login'

const tokenOf = async (db: Db, actor: Actor) => {
  const login = await microsoftLogin(db, actor, 'anna@acme.test')
  if ('trouble' in login) throw new Error(login.text)
  return login
}

test('a mailbox is switched to Graph by a consent of its own, and back by another', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  await consent(db, microsoft, user)
  const { url, outcome } = await consent(db, microsoft, user, { purpose: 'graph' })
  expect(outcome).toBe('connected')
  const asked = url.searchParams.get('scope')?.split(' ') ?? []
  expect(
    asked.filter(scope => scope.includes('/')),
    'sending mail, and nothing more',
  ).toEqual([`${microsoft.identity.authority}/Mail.Send`])
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ via: 'graph', state: 'active' })
  expect(await microsoft.identity.whoHas((await tokenOf(db, user)).accessToken)).toMatchObject({ scopes: expect.arrayContaining([asked[0]]) })

  await consent(db, microsoft, user)
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ via: 'smtp' })
  expect((await microsoft.identity.whoHas((await tokenOf(db, user)).accessToken))?.scopes).toContain('https://outlook.office.com/SMTP.Send')
})

test('waiting mail leaves over Graph once it is consented to, and nothing tries SMTP again', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  await db.insert(senders).values({ cardId: user.cardId, tenantId: user.tenantId, choice: 'microsoft365', username: 'anna@acme.test', updatedAt: now() })
  await consent(db, microsoft, user)
  microsoft.smtp.behave({
    checkToken: () => ({ code: 535, text: '5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.' }),
  })
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], bcc: ['ksiegowa@acme.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  await turn(db)
  expect(await stateOf(db, id)).toMatchObject({ state: 'waiting', waitingFor: 'accountPaused' })
  const tried = microsoft.smtp.logins.length

  await consent(db, microsoft, user, { purpose: 'graph' })
  await turn(db)
  expect(await stateOf(db, id)).toMatchObject({ state: 'accepted' })
  expect(microsoft.graphMail.map(({ mailbox, recipients }) => [mailbox, recipients])).toEqual([
    ['anna@acme.test', ['klient@example.test', 'ksiegowa@acme.test']],
  ])
  expect(microsoft.smtp.logins).toHaveLength(tried)
})

const stateOf = async (db: Db, id: string) => (await db.select().from(messages).where(eq(messages.id, id)))[0]

test('the route of a mailbox on Graph names Graph, also to who follows it, and its account stays the same', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { admin, user, second, tenantId } = await makeCompany(db)
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'microsoft365', username: 'anna@acme.test', updatedAt: now() })
  await makeBaseUser(db, user)
  await consent(db, microsoft, user)
  const before = await getRoute(db, user, { code: 'ANNA' })
  expect(shownServer(before)?.value).toEqual({ ...before.server?.value })
  await consent(db, microsoft, user, { purpose: 'graph' })
  const graph = new URL(microsoft.identity.authority)
  for (const actor of [user, second]) {
    const route = await getRoute(db, actor, { code: actor.code })
    expect(shownServer(route)?.value).toEqual({ host: graph.hostname, port: Number(graph.port), tls: 'implicit' })
    expect(accountIdentityOf(route), 'what waits is in one queue, whichever way it leaves').toEqual(accountIdentityOf(before))
  }
  const { id } = await enqueueMessage(db, second, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  await turn(db)
  expect(await stateOf(db, id)).toMatchObject({ state: 'accepted' })
  if (env.microsoft365) env.microsoft365.graphUrl = 'https://graph.example.test' // here the stand-in's name is that of the mail server, too
  expect(await getAccountHealth(db, second, { code: 'PIOTR' })).toMatchObject({ state: 'works', host: 'graph.example.test' })
  expect(await listAccounts(db, admin)).toMatchObject([{ username: 'anna@acme.test', host: 'graph.example.test' }])
})

test('who declines the consent for Graph sends as before', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  await consent(db, microsoft, user)
  expect(await consent(db, microsoft, user, { purpose: 'graph', answer: 'cancel' })).toMatchObject({ outcome: 'denied' })
  expect(await getConnection(db, user, { code: 'ANNA' })).toMatchObject({ via: 'smtp', state: 'active' })
})

test('an expired token of Graph is renewed for Graph', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  await consent(db, microsoft, user, { purpose: 'graph' })
  const first = await tokenOf(db, user)
  microsoft.identity.forgetAccessTokens()
  const renewed = await first.refused?.(null)
  expect((await microsoft.identity.whoHas(renewed?.accessToken ?? ''))?.scopes).toContain(`${microsoft.identity.authority}/Mail.Send`)
  expect(await renewed?.refused?.(null), 'once').toBeNull()
  const [row] = await db.select().from(microsoft365Connections).where(eq(microsoft365Connections.cardId, user.cardId))
  expect(row?.scopes).toContain('mail.send')
})
