import { afterEach, expect, test } from 'vitest'
import { messages } from '@/db/schema'
import { findActor } from '@/lib/actor/load-actor'
import { env } from '@/lib/env'
import { getLogin } from '@/lib/login/login'
import { readiness } from '@/lib/operate/readiness'
import { createTenant, getTenant, listTenants } from '@/lib/tenant/tenant'
import { testDb } from '@/lib/testing/database'
import { signInAsDemo } from './demo'
import { examine } from './examine'
import { assertMaySetUp, completeSetup, getMode, needsSetup, prepareInstallation } from './installation'
import { setupForm } from './setup.form'

const goLive = () => {
  env.relayUrl = 'smtp://relay.platform.test:25'
}
afterEach(() => {
  env.relayUrl = undefined
})

const input = {
  companyName: 'Initech OÜ',
  slug: 'initech',
  name: 'Mari Maasikas',
  email: 'Mari@initech.test',
  password: 'correct horse battery',
  userCode: 'mari',
}

test('without a relay it is a sandbox with a demo company, made once', async () => {
  await using db = await testDb({ isPrepared: false })
  expect(await prepareInstallation(db)).toEqual({ mode: 'sandbox', setupCode: null })
  await Promise.all([prepareInstallation(db), prepareInstallation(db)])
  expect(await listTenants(db)).toMatchObject([{ slug: 'acme', name: 'Acme Sp. z o.o.' }])
  const { sessionId } = await signInAsDemo(db, 'JAN')
  const jan = await findActor(db, sessionId)
  expect(jan).toMatchObject({ code: 'JAN', role: 'admin' })
  expect(jan && (await getLogin(db, jan)).hasPassword).toBe(false)
  expect(await db.select({ id: messages.id }).from(messages)).toHaveLength(4)
  await expect(signInAsDemo(db, 'NOBODY')).rejects.toMatchObject({ code: 'cardNotFound' })
})

test('a database that nobody has prepared is neither live nor a sandbox', async () => {
  await using db = await testDb({ isPrepared: false })
  await expect(getMode(db)).rejects.toThrow('posthorn migrate')
  expect(await readiness(db)).toMatchObject({ isReady: false, checks: { mode: expect.stringContaining('posthorn migrate') } })
  await prepareInstallation(db)
  expect(await getMode(db)).toBe('sandbox')
})

test('a database refuses to run in the other mode', async () => {
  await using db = await testDb({ isPrepared: false })
  await prepareInstallation(db)
  goLive()
  await expect(prepareInstallation(db)).rejects.toThrow('RELAY_URL is set')
  expect(await examine(db)).toMatchObject([
    { name: 'database', isWell: true },
    { name: 'mode', isWell: false },
    { name: 'clock', isWell: true },
    { name: 'keys', isWell: true },
    { name: 'sending', isWell: true },
    { name: 'relay', isWell: true },
    { name: 'microsoft365', isWell: true },
  ])
})

test.each([
  ['smtp://relay.platform.test', 'relay.platform.test:25, STARTTLS'],
  ['smtps://user:secret@relay.platform.test', 'relay.platform.test:465, TLS'],
  ['smtp://[::1]:2500?tls=none', '[::1]:2500, an open connection'],
])('the doctor names the relay of %s as mail reaches it, without its login', async (url, text) => {
  await using db = await testDb({ isPrepared: false })
  env.relayUrl = url
  await prepareInstallation(db)
  expect(await examine(db)).toContainEqual({ name: 'relay', isWell: true, text })
})

test('a live database refuses to run without a relay', async () => {
  await using db = await testDb({ isPrepared: false })
  goLive()
  await prepareInstallation(db)
  env.relayUrl = undefined
  await expect(getMode(db)).rejects.toThrow('RELAY_URL is not set')
})

test('the first visitor with the code makes the first company, once', async () => {
  await using db = await testDb({ isPrepared: false })
  goLive()
  const lost = (await prepareInstallation(db)).setupCode ?? ''
  const code = (await prepareInstallation(db)).setupCode ?? ''
  expect(await needsSetup(db)).toBe(true)
  await expect(completeSetup(db, setupForm.parse({ ...input, code: lost })), 'an earlier code is dead').rejects.toMatchObject({
    code: 'setupCodeWrong',
    field: 'code',
  })
  await expect(signInAsDemo(db, 'JAN')).rejects.toMatchObject({ code: 'notSandbox' })
  const visitors = [
    completeSetup(db, setupForm.parse({ ...input, code })),
    completeSetup(db, setupForm.parse({ ...input, slug: 'second', email: 'second@initech.test', code })),
  ]
  const outcomes = await Promise.allSettled(visitors)
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(await needsSetup(db)).toBe(false)
  expect((await prepareInstallation(db)).setupCode).toBeNull()
  await expect(completeSetup(db, setupForm.parse({ ...input, code }))).rejects.toMatchObject({ code: 'setupDone' })
  expect(await listTenants(db)).toHaveLength(1)
})

test('who has the code is told every field that is wrong; who has not, nothing of what is there', async () => {
  await using db = await testDb({ isPrepared: false })
  goLive()
  const code = (await prepareInstallation(db)).setupCode ?? ''
  await createTenant(db, { slug: 'initech', name: 'Initech OÜ' })
  const taken = { slug: 'initech', email: `mari@${env.platform.eventDomain}` }
  const refusal = await assertMaySetUp(db, { ...taken, code }).catch(error => error)
  expect([refusal, ...refusal.others]).toMatchObject([
    { code: 'slugTaken', field: 'slug' },
    { code: 'emailIsEventAddress', field: 'email' },
  ])
  await expect(assertMaySetUp(db, { ...taken, code: 'guessed' })).rejects.toMatchObject({ code: 'setupCodeWrong', others: [] })
  await expect(assertMaySetUp(db, { code }), 'what is not well filled in yet is told by the form').resolves.toBeUndefined()
})

test('the first admin is signed in with a confirmed e-mail', async () => {
  await using db = await testDb({ isPrepared: false })
  goLive()
  const code = (await prepareInstallation(db)).setupCode ?? ''
  const { sessionId } = await completeSetup(db, setupForm.parse({ ...input, code }))
  const actor = await findActor(db, sessionId)
  expect(actor).toMatchObject({ code: 'MARI', role: 'admin' })
  if (actor) expect(await getTenant(db, actor)).toMatchObject({ slug: 'initech', name: 'Initech OÜ' })
})
