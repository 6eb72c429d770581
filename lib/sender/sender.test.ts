import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { accounts, cards, credentials, senders } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { confirmEmailAsOperator } from '@/lib/card/operate-cards'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { type Company, makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { startMicrosoft } from '@/lib/testing/microsoft'
import { openPassword } from './open-credential'
import { getRoute, loadRoute, previewRoute } from './resolve-route'
import { getSender, saveSender } from './sender'
import { senderForm } from './sender.form'
import { saveSendingPolicy } from './sending-policy'

const own = { choice: 'smtp', server: 'smtp.anna.test:465', tls: 'implicit', username: 'anna@acme.test', password: 'secret of Anna' }
const ofBase = { choice: 'smtp', server: 'smtp.jan.test:587', username: 'jan@acme.test', password: 'secret of Jan' }

/** Saves as the form posts it, on top of what was read. */
async function save(db: Db, actor: Actor, fields: Record<string, string>, code = actor.code) {
  const { version } = await getSender(db, actor, { code })
  return saveSender(db, actor, { code, ...senderForm.parse({ version, ...fields }) })
}

async function makeBase(db: Db, { admin }: Company, usersMaySet: 'everything' | 'login' | 'nothing' = 'everything') {
  await save(db, admin, ofBase)
  await saveSendingPolicy(db, admin, { baseCode: 'JAN', usersMaySet, authorIsLogin: false, version: 0 })
}

const annaUse = ({ tenantId, user }: Company) => ({ tenantId, cardId: user.cardId, username: 'anna@acme.test' })

describe('an own server', () => {
  test('is saved with a sealed password that is never shown again', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    expect(await save(db, acme.user, own)).toEqual({ removedBlanks: false })
    expect(await getSender(db, acme.user, { code: 'ANNA' })).toMatchObject({
      choice: 'smtp',
      server: 'smtp.anna.test:465',
      tls: 'implicit',
      hasPassword: true,
      version: 1,
    })
    expect(JSON.stringify(await getSender(db, acme.user, { code: 'ANNA' }))).not.toContain('secret')
    const [kept] = await db.select().from(credentials)
    expect(kept?.passwordSealed).not.toContain('secret')
    expect(await openPassword(db, { ...annaUse(acme), host: 'smtp.anna.test', port: 465, tls: 'implicit' })).toBe('secret of Anna')
    expect((await getRoute(db, acme.user, { code: 'ANNA' })).problem).toBeNull()
  })

  test('an empty password keeps the stored one while server and user name stay', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, own)
    await save(db, acme.user, { ...own, password: '', authorIsLogin: 'on' })
    expect(await getSender(db, acme.user, { code: 'ANNA' })).toMatchObject({ hasPassword: true, authorIsLogin: true, version: 2 })
  })

  test.each([
    ['host', { server: 'smtp.evil.test:465' }],
    ['port', { server: 'smtp.anna.test:587' }],
    ['SSL/TLS', { tls: 'none' }],
    ['user name', { username: 'jan@acme.test' }],
  ])('another %s wants the password again, in a test as in a save', async (_, changed) => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, own)
    const fields = { ...own, ...changed, password: '' }
    await expect(save(db, acme.user, fields)).rejects.toMatchObject({ code: 'passwordNeeded', field: 'password' })
    expect((await previewRoute(db, acme.user, { code: 'ANNA', ...senderForm.parse(fields) })).problem?.reason).toBe('passwordNeeded')
    expect((await previewRoute(db, acme.user, { code: 'ANNA', ...senderForm.parse({ ...fields, password: 'typed' }) })).problem).toBeNull()
  })

  test('a row whose server was changed behind our back opens no seal', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, own)
    await db.update(credentials).set({ host: 'smtp.evil.test' })
    await expect(openPassword(db, { ...annaUse(acme), host: 'smtp.evil.test', port: 465, tls: 'implicit' })).rejects.toThrow()
    expect(await openPassword(db, { ...annaUse(acme), host: 'smtp.anna.test', port: 465, tls: 'implicit' })).toBeNull()
  })

  test('without a user name it wants no login, and keeps no password', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, own)
    await save(db, acme.user, { ...own, username: '', password: '' })
    expect(await db.select().from(credentials)).toEqual([])
    expect(await getRoute(db, acme.user, { code: 'ANNA' })).toMatchObject({ login: null, problem: null })
  })

  test.each([
    [{ username: '', password: 'x' }, 'halfFilled', 'username'],
    [{ password: '' }, 'passwordNeeded', 'password'],
    [{ server: '', username: '', password: '' }, 'serverNeeded', 'server'],
    [{ server: '' }, 'serverNeeded', 'server'],
    [{ server: 'smtp.anna.test' }, 'serverNoPort', 'server'],
    [{ server: 'smtp.anna.test:80' }, 'serverPortNotAllowed', 'server'],
    [{ server: 'smtp.office365.com:587' }, 'microsoftHost', 'server'],
    [{ server: 'smtp-mail.outlook.com:587', username: 'anna@outlook.com' }, 'personalMailbox', 'server'],
    [{ choice: 'microsoft365', username: 'anna@Hotmail.com' }, 'personalMailbox', 'username'],
  ])('%j is refused as %s at %s', async (changed, code, field) => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await expect(save(db, acme.user, { ...own, ...changed })).rejects.toMatchObject({ code, field })
    expect(await db.select().from(senders), 'nothing is half saved').toEqual([])
  })

  test.each([
    [{ server: 'smtp.anna.test', password: '' }, ['serverNoPort', 'passwordNeeded']],
    [{ server: 'smtp.anna.test', username: '' }, ['serverNoPort', 'halfFilled']],
    [{ server: '', username: '' }, ['serverNeeded', 'halfFilled']],
    [{ server: '', password: '' }, ['serverNeeded', 'passwordNeeded']],
  ])('%j is wrong at two fields, and both are told at once', async (changed, codes) => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    const refusal = await save(db, acme.user, { ...own, ...changed }).catch(error => error)
    expect([refusal, ...refusal.others].map(({ code }) => code)).toEqual(codes)
  })

  test.each(['', 'smtp.anna.test'])('a password that is stored is not asked for because the server was typed as %j', async server => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, own)
    const refusal = await save(db, acme.user, { ...own, server, password: '' }).catch(error => error)
    expect([refusal, ...refusal.others].map(({ field }) => field)).toEqual(['server'])
  })

  test('a password set-up at Microsoft that is there already goes on', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, own)
    await db.update(senders).set({ host: 'smtp.office365.com', port: 587, tls: 'starttls' })
    await save(db, acme.user, { ...own, server: 'smtp.office365.com:587', tls: 'starttls', password: 'new' })
    expect(await getSender(db, acme.user, { code: 'ANNA' })).toMatchObject({ hasPassword: true, hasMicrosoftNotice: true })
  })

  test('the platform’s own name for Microsoft’s server leads to a consent as Microsoft’s do, however it is typed', async () => {
    await using db = await testDb()
    await using microsoft = await startMicrosoft()
    const { user } = await makeCompany(db)
    const typed = { ...own, server: `${microsoft.smtp.host.toUpperCase()}:${microsoft.smtp.port}`, tls: 'starttls' }
    await expect(save(db, user, typed)).rejects.toMatchObject({ code: 'microsoftHost', field: 'server' })
    await save(db, user, own)
    await db.update(senders).set({ host: microsoft.smtp.host })
    expect(await getSender(db, user, { code: 'ANNA' })).toMatchObject({ hasMicrosoftNotice: true })
  })

  test('a pasted Gmail app password loses its blanks, and the page is told', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    expect(await save(db, acme.user, { ...own, server: 'smtp.gmail.com:465', password: 'abcd efgh ijkl mnop' })).toEqual({ removedBlanks: true })
    expect(await openPassword(db, { ...annaUse(acme), host: 'smtp.gmail.com', port: 465, tls: 'implicit' })).toBe('abcdefghijklmnop')
  })

  test('somebody who saved in between is not overwritten', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, own)
    await expect(saveSender(db, acme.user, { code: 'ANNA', ...senderForm.parse({ ...own, version: 0 }) })).rejects.toMatchObject({ code: 'stale' })
    const both = [1, 2].map(n => saveSender(db, acme.user, { code: 'ANNA', ...senderForm.parse({ ...own, password: `${n}`, version: 1 }) }))
    const outcomes = (await Promise.allSettled(both)).map(({ status }) => status)
    expect(outcomes.sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('another choice forgets server and password', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, own)
    await save(db, acme.user, { ...own, choice: 'replyTo' })
    expect(await getSender(db, acme.user, { code: 'ANNA' })).toMatchObject({ choice: 'replyTo', server: '', username: '', hasPassword: false })
    expect(await db.select().from(credentials)).toEqual([])
  })
})

describe('Microsoft 365', () => {
  test('may be chosen before it is connected, and waits; its name is the card’s e-mail unless typed', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, { choice: 'microsoft365' })
    expect(await getRoute(db, acme.user, { code: 'ANNA' })).toMatchObject({
      login: { value: { username: 'anna@acme.test' } },
      problem: { reason: 'notConnected', code: 'ANNA' },
    })
    await expect(save(db, acme.user, { choice: 'microsoft365', username: 'anna' })).rejects.toMatchObject({ code: 'addressInvalid', field: 'username' })
  })
})

describe('under a base user', () => {
  const login = { choice: 'smtp', server: '', username: 'anna@acme.test', password: 'secret of Anna' }

  test('an own login is kept for the base user’s server, and waits when that changes', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await makeBase(db, acme)
    await save(db, acme.user, login)
    expect(await openPassword(db, { ...annaUse(acme), host: 'smtp.jan.test', port: 587, tls: 'starttls' })).toBe('secret of Anna')
    expect((await getRoute(db, acme.user, { code: 'ANNA' })).problem).toBeNull()
    await save(db, acme.admin, { ...ofBase, server: 'new.jan.test:587' })
    expect((await getRoute(db, acme.user, { code: 'ANNA' })).problem).toEqual({ reason: 'passwordNeeded', code: 'ANNA' })
    expect((await loadRoute(db, acme.tenantId, acme.second.cardId)).problem, 'followers go on').toBeNull()
    await save(db, acme.user, login)
    expect((await getRoute(db, acme.user, { code: 'ANNA' })).problem).toBeNull()
  })

  test.each([
    [{ username: '', password: '' }, 'ownServerOrNothing', 'server'],
    [{ username: '' }, 'halfFilled', 'username'],
    [{ password: '' }, 'passwordNeeded', 'password'],
  ])('half a login, %j, is refused as %s', async (changed, code, field) => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await makeBase(db, acme)
    await expect(save(db, acme.user, { ...login, ...changed })).rejects.toMatchObject({ code, field })
  })

  test('an own login needs a base user on SMTP', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await makeBase(db, acme)
    await save(db, acme.admin, { choice: 'replyTo' })
    await expect(save(db, acme.user, login)).rejects.toMatchObject({ code: 'serverNeededBaseOther', field: 'server', values: { code: 'JAN' } })
  })

  test('a change that would make the base user unusable is refused with the number of those who depend on it', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await makeBase(db, acme)
    await save(db, acme.user, login)
    await expect(save(db, acme.admin, { choice: 'platform' })).rejects.toMatchObject({ code: 'baseOf', values: { code: 'JAN', count: 2 } })
    await expect(save(db, acme.admin, { choice: 'microsoft365' })).rejects.toMatchObject({ code: 'baseOf' })
  })

  test('a base user who is no admin may type the password again, and nothing else', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, own)
    await saveSendingPolicy(db, acme.admin, { baseCode: 'ANNA', usersMaySet: 'everything', authorIsLogin: false, version: 0 })
    await save(db, acme.user, { ...own, password: 'new secret' })
    await expect(save(db, acme.user, { ...own, server: 'smtp.evil.test:465' })).rejects.toMatchObject({ code: 'baseAdminsOnly' })
    await expect(save(db, acme.user, { ...own, password: '', authorIsLogin: 'on' })).rejects.toMatchObject({ code: 'baseAdminsOnly' })
    expect(await getSender(db, acme.user, { code: 'ANNA' })).toMatchObject({ mayChange: 'password', isBase: true })
    await save(db, acme.admin, { ...own, server: 'new.anna.test:465' }, 'ANNA')
  })

  test('what the policy does not leave to users is refused, and an admin sees it set aside', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await makeBase(db, acme, 'login')
    await expect(save(db, acme.user, own)).rejects.toMatchObject({ code: 'policyLogin', field: 'server' })
    await expect(save(db, acme.user, { choice: 'replyTo' })).rejects.toMatchObject({ code: 'policyLogin', field: 'choice' })
    await save(db, acme.user, login)
    await saveSendingPolicy(db, acme.admin, { baseCode: 'JAN', usersMaySet: 'nothing', authorIsLogin: false, version: 1 })
    await expect(save(db, acme.user, own)).rejects.toMatchObject({ code: 'policyNothing' })
    expect(await getRoute(db, acme.user, { code: 'ANNA' })).toMatchObject({ followsBase: 'JAN', setAside: ['sender', 'login'] })
  })
})

describe('mail that waits', () => {
  const letter = { to: ['klient@nordhaus.test'], subject: 'Faktura', text: 'w załączeniu', kind: 'document' } as const
  const pause = (db: Db) => db.update(accounts).set({ state: 'paused', pauseReason: 'loginRefused', pausedAt: new Date() })
  const states = async (db: Db) => (await db.select({ state: accounts.state }).from(accounts)).map(({ state }) => state)

  test.each([
    ['a password typed again', own, { ...own, password: 'new secret' }],
    ['an open server saved again', { choice: 'smtp', server: 'smtp.anna.test:25' }, { choice: 'smtp', server: 'smtp.anna.test:25' }],
  ])('is released by %s', async (_, first, again) => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await save(db, acme.user, first)
    await enqueueMessage(db, acme.user, { ...letter, to: [...letter.to] })
    await pause(db)
    await save(db, acme.user, again)
    expect(await states(db)).toEqual(['active'])
  })

  test('of the base user’s account is not released by a follower', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await makeBase(db, acme)
    await enqueueMessage(db, acme.user, { ...letter, to: [...letter.to] })
    await pause(db)
    await save(db, acme.user, { choice: 'platform', authorIsLogin: 'on' })
    expect(await states(db)).toEqual(['paused'])
    await save(db, acme.admin, ofBase)
    expect(await states(db)).toEqual(['active'])
  })

  test('for an e-mail to be confirmed is released by that', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await db.update(cards).set({ emailConfirmedAt: null })
    await enqueueMessage(db, acme.user, { ...letter, to: [...letter.to] })
    await pause(db)
    await confirmEmailAsOperator(db, { slug: 'acme', code: 'ANNA' })
    expect(await states(db)).toEqual(['active'])
  })
})

describe('whose card it is', () => {
  test('a user reads and changes no other card, and nobody one of another company', async () => {
    await using db = await testDb()
    const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
    await save(db, globex.user, own)
    await expect(getSender(db, acme.user, { code: 'JAN' })).rejects.toMatchObject({ code: 'notAdmin' })
    await expect(getRoute(db, acme.user, { code: 'PIOTR' })).rejects.toMatchObject({ code: 'notAdmin' })
    await expect(saveSender(db, acme.user, { code: 'PIOTR', ...senderForm.parse(own) })).rejects.toMatchObject({ code: 'notAdmin' })
    await save(db, acme.admin, { choice: 'replyTo' }, 'ANNA')
    expect(await getSender(db, globex.user, { code: 'ANNA' })).toMatchObject({ choice: 'smtp', hasPassword: true, version: 1 })
    expect((await db.select().from(senders).where(eq(senders.tenantId, acme.tenantId))).map(({ cardId }) => cardId)).toEqual([acme.user.cardId])
    const stolen = { ...annaUse(globex), tenantId: acme.tenantId, host: 'smtp.anna.test', port: 465, tls: 'implicit' } as const
    expect(await openPassword(db, stolen)).toBeNull()
  })
})
