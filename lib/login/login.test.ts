import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { atomically } from '@/db/atomically'
import { cards, logins } from '@/db/schema'
import { findActor } from '@/lib/actor/load-actor'
import { addCardAsOperator } from '@/lib/card/operate-cards'
import { days, shiftClock } from '@/lib/clock'
import { changeCard } from '@/lib/testing/change-card'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { getLogin, listCompanies, passwordStatements, saveLanguage, setPassword, switchCompany } from './login'
import { hashPassword } from './password'
import { createSession, findSession, revokeSession, signIn } from './sign-in'

const password = 'correct horse battery'

test('the right password signs in, whatever the case of the e-mail', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await setPassword(db, acme.user.loginId, password)
  const { sessionId, loginId } = await signIn(db, { email: ' ANNA@acme.test ', password })
  expect(loginId).toBe(acme.user.loginId)
  expect(await findActor(db, sessionId)).toEqual(acme.user)
})

test.each([
  ['anna@acme.test', 'wrong password'],
  ['nobody@acme.test', password],
  ['piotr@acme.test', ''], // a login without a password
])('%s with %j is refused in the same words', async (email, typed) => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await setPassword(db, acme.user.loginId, password)
  await expect(signIn(db, { email, password: typed })).rejects.toMatchObject({ code: 'signInRefused', field: undefined })
})

const codeOf = (signingIn: Promise<unknown>) =>
  signingIn.then(
    () => 'signedIn',
    ({ code }: { code: string }) => code,
  )

test('guessing is stopped after ten tries, for this e-mail and this network only', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db, 'guessed')
  await setPassword(db, acme.user.loginId, password)
  await setPassword(db, acme.second.loginId, password)
  const [anna, peer] = ['anna@guessed.test', '2001:db8:0:1::1']
  for (let guess = 0; guess < 10; guess++) expect(await codeOf(signIn(db, { email: anna, password: `${guess}`, peer }))).toBe('signInRefused')
  expect(await codeOf(signIn(db, { email: anna, password, peer }))).toBe('tooManySignIns')
  expect(await codeOf(signIn(db, { email: anna, password, peer: '2001:db8:0:1::2' })), 'another address of that network').toBe('tooManySignIns')
  expect(await codeOf(signIn(db, { email: 'piotr@guessed.test', password, peer }))).toBe('signedIn')
  expect(await codeOf(signIn(db, { email: anna, password, peer: '2001:db8:0:2::1' })), 'she herself, from elsewhere').toBe('signedIn')
})

test('an office behind one address signs in as often as it likes', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db, 'office')
  await setPassword(db, acme.user.loginId, password)
  const codes = new Set<string>()
  for (let time = 0; time <= 100; time++) codes.add(await codeOf(signIn(db, { email: 'anna@office.test', password, peer: '192.0.2.77' })))
  expect([...codes]).toEqual(['signedIn'])
})

test('guessing of many people from one network is stopped, and of nobody elsewhere', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db, 'sprayed')
  await setPassword(db, acme.user.loginId, password)
  const guess = (one: number) => codeOf(signIn(db, { email: `p${one}@sprayed.test`, password: 'wrong', peer: '192.0.2.200' }))
  expect(new Set(await Promise.all(Array.from({ length: 99 }, (_, one) => guess(one))))).toEqual(new Set(['signInRefused']))
  expect([await guess(99), await guess(100)]).toEqual(['signInRefused', 'tooManySignIns'])
  expect(await codeOf(signIn(db, { email: 'anna@sprayed.test', password, peer: '192.0.2.201' }))).toBe('signedIn')
})

test('guessing from many networks is stopped, too', async () => {
  await using db = await testDb()
  await makeCompany(db)
  const guess = (one: number) => codeOf(signIn(db, { email: 'anna@many.test', password: 'wrong', peer: `198.51.100.${one}` }))
  expect(new Set(await Promise.all(Array.from({ length: 99 }, (_, one) => guess(one))))).toEqual(new Set(['signInRefused']))
  expect([await guess(99), await guess(100)]).toEqual(['signInRefused', 'tooManySignIns'])
})

test.each([
  ['is longer than any can be', `${'a'.repeat(255)}@acme.test`],
  ['has a NUL', 'a\0@acme.test'],
])('an e-mail that %s is refused before it is counted', async (_, email) => {
  await using db = await testDb()
  for (let i = 0; i <= 10; i++) expect(await codeOf(signIn(db, { email, password, peer: '203.0.113.9' }))).toBe('signInRefused')
})

test('a login without an active card is told so, after the password was right', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await setPassword(db, acme.second.loginId, password)
  await changeCard(db, acme.admin, { code: 'PIOTR', isActive: false })
  await expect(signIn(db, { email: 'piotr@acme.test', password })).rejects.toMatchObject({ code: 'noCompany' })
})

test('who is signed in when the card is closed acts for nobody, whatever becomes of the session', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const sessionId = await createSession(db, user.loginId, user.tenantId)
  expect(await findActor(db, sessionId)).toMatchObject({ cardId: user.cardId })
  await db.update(cards).set({ isActive: false }).where(eq(cards.id, user.cardId))
  expect(await findActor(db, sessionId)).toBeNull()
})

test('a revoked session is dead at once, an old one after thirty days', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const [first, second] = [await createSession(db, user.loginId), await createSession(db, user.loginId)]
  await revokeSession(db, first)
  expect([await findActor(db, first), (await findActor(db, second))?.code]).toEqual([null, 'ANNA'])
  const putBack = shiftClock(days(31))
  expect(await findActor(db, second)).toBeNull()
  putBack()
  expect(await findActor(db, 'no such session')).toBeNull()
})

test('another password signs out everywhere', async () => {
  await using db = await testDb()
  const { user, admin } = await makeCompany(db)
  await setPassword(db, user.loginId, password)
  const [session, ofJan] = [await createSession(db, user.loginId), await createSession(db, admin.loginId)]
  await expect(setPassword(db, user.loginId, 'short')).rejects.toMatchObject({ code: 'passwordTooShort', field: 'password' })
  await setPassword(db, user.loginId, 'another password')
  expect([await findSession(db, session), (await findSession(db, ofJan))?.id]).toEqual([null, ofJan])
  await expect(signIn(db, { email: 'anna@acme.test', password })).rejects.toMatchObject({ code: 'signInRefused' })
})

test('a sign-in with the old password that was under way when another was set opens nothing', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await setPassword(db, user.loginId, password)
  const another = await hashPassword('another password')
  const underWay = Promise.allSettled(Array.from({ length: 4 }, () => signIn(db, { email: 'anna@acme.test', password })))
  await db.select().from(logins) // they have read the old one by now, and argon2 takes its time
  await atomically(db, tx => passwordStatements(tx, user.loginId, another))
  for (const signedIn of await underWay) {
    if (signedIn.status === 'rejected') expect(signedIn.reason).toMatchObject({ code: 'signInRefused' })
    else expect(await findSession(db, signedIn.value.sessionId)).toBeNull()
  }
})

test('one login works in several companies, and only in its own', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  const an = { code: 'AN', name: 'Anna', email: null, loginEmail: 'anna@acme.test', role: 'admin', isConfirmed: false } as const
  await addCardAsOperator(db, { slug: 'globex', ...an, linking: 'samePassword' })
  const sessionId = await createSession(db, acme.user.loginId, acme.tenantId)
  expect((await listCompanies(db, acme.user)).map(({ slug, code }) => [slug, code])).toEqual([
    ['acme', 'ANNA'],
    ['globex', 'AN'],
  ])
  await switchCompany(db, acme.user, sessionId, { slug: 'globex' })
  expect(await findActor(db, sessionId)).toMatchObject({ tenantId: globex.tenantId, code: 'AN', role: 'admin' })
  await changeCard(db, acme.admin, { code: 'ANNA', isActive: false })
  await expect(switchCompany(db, acme.user, sessionId, { slug: 'acme' }), 'where the card is not active').rejects.toMatchObject({ code: 'companyNotFound' })
  const janSession = await createSession(db, acme.admin.loginId)
  await expect(switchCompany(db, acme.admin, janSession, { slug: 'globex' })).rejects.toMatchObject({ code: 'companyNotFound' })
  await switchCompany(db, acme.user, janSession, { slug: 'globex' })
  expect(await findActor(db, janSession), "nobody moves another's session").toMatchObject({ tenantId: acme.tenantId, code: 'JAN' })
})

test('the language belongs to the login', async () => {
  await using db = await testDb()
  const { user, admin } = await makeCompany(db)
  await saveLanguage(db, user, { language: 'et' })
  expect(await getLogin(db, user)).toMatchObject({ email: 'anna@acme.test', language: 'et', hasPassword: false })
  expect(await getLogin(db, admin)).toMatchObject({ language: null })
})
