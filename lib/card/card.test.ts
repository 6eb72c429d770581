import { describe, expect, test } from 'vitest'
import { findActor } from '@/lib/actor/load-actor'
import { createSession } from '@/lib/login/session'
import { signIn } from '@/lib/login/sign-in'
import { changeCard } from '@/lib/testing/change-card'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { openTransaction, untilSomebodyWaits } from '@/lib/testing/open-transaction'
import { assertNewCard, createCard, getCard, getOwnCard, listCards, saveOwnCard } from './card'
import { cardForm, newCardForm, ownCardForm } from './card.form'
import { addCardAsOperator, confirmEmailAsOperator } from './operate-cards'

const ewa = newCardForm.parse({ code: 'ewa', name: 'Ewa Lis', email: 'ewa@acme.test', role: 'user' })
const fields = { name: 'Anna Nowak', email: 'anna@acme.test', role: 'user', bcc: '', signature: '' }

describe('a new card', () => {
  test('gives a first password that signs in, and an e-mail still to be confirmed', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    const { card, firstPassword } = await createCard(db, acme.admin, ewa)
    expect(card).toMatchObject({ code: 'EWA', email: 'ewa@acme.test', isEmailConfirmed: false, loginEmail: 'ewa@acme.test', isActive: true })
    const { sessionId } = await signIn(db, { email: 'Ewa@acme.test', password: firstPassword ?? '' })
    expect(await findActor(db, sessionId)).toMatchObject({ code: 'EWA', tenantId: acme.tenantId, role: 'user' })
    await confirmEmailAsOperator(db, { slug: 'acme', code: 'ewa' })
    expect(await getCard(db, acme.admin, { code: 'EWA' })).toMatchObject({ isEmailConfirmed: true })
  })

  test('whose code and whose person are there already is told both at once', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await expect(createCard(db, acme.admin, { ...ewa, code: 'JAN', email: 'piotr@acme.test' })).rejects.toMatchObject({
      code: 'codeTaken',
      others: [{ code: 'personHasCard', field: 'email' }],
    })
  })

  test('of a person who signs in already in another company is the operator’s to give: whoever made that login knows its password', async () => {
    await using db = await testDb()
    const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
    const { firstPassword } = await createCard(db, acme.admin, { ...ewa, email: 'boss@globex.test' })
    for (const who of [{ email: 'boss@globex.test' }, { loginEmail: 'boss@globex.test' }])
      await expect(createCard(db, globex.admin, { ...ewa, ...who })).rejects.toMatchObject({ code: 'loginElsewhere', field: Object.keys(who)[0] })
    expect(await listCards(db, globex.admin)).toHaveLength(3)
    const { sessionId } = await signIn(db, { email: 'boss@globex.test', password: firstPassword })
    const linked = await addCardAsOperator(db, { slug: 'globex', ...ewa, email: 'boss@globex.test', isConfirmed: false, linking: 'newPassword' })
    expect(await findActor(db, sessionId), 'signed out everywhere').toBeNull()
    await expect(signIn(db, { email: 'boss@globex.test', password: firstPassword })).rejects.toMatchObject({ code: 'signInRefused' })
    const again = await signIn(db, { email: 'boss@globex.test', password: linked.firstPassword ?? '' })
    expect(await findActor(db, again.sessionId), 'in the company that was first').toMatchObject({ tenantId: acme.tenantId })
  })

  test('tells nobody who signs in elsewhere while there is something else to mend', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await makeCompany(db, 'globex')
    const who = { email: 'jan@globex.test', loginEmail: null }
    await assertNewCard(db, acme.admin, who)
    const refusal = await createCard(db, acme.admin, { ...ewa, ...who, code: 'JAN' }).catch(error => error)
    expect([refusal, ...refusal.others].map(({ code }) => code)).toEqual(['codeTaken'])
  })

  test('of a person whose password the operator knows to be their own leaves it as it is', async () => {
    await using db = await testDb()
    await makeCompany(db, 'acme')
    const globex = await makeCompany(db, 'globex')
    const kept = await addCardAsOperator(db, { slug: 'globex', ...ewa, loginEmail: 'anna@acme.test', isConfirmed: false, linking: 'samePassword' })
    expect(kept.firstPassword).toBeNull()
    expect((await getCard(db, globex.admin, { code: 'EWA' })).loginEmail).toBe('anna@acme.test')
  })

  test.each([
    [{ code: 'ANNA' }, 'codeTaken', 'code'],
    [{ email: 'anna@acme.test' }, 'personHasCard', 'email'],
    [{ loginEmail: 'anna@acme.test' }, 'personHasCard', 'loginEmail'],
    [{ email: null }, 'loginEmailNeeded', 'email'],
    [{ email: 'acme@event.data.directo.ee' }, 'emailIsEventAddress', 'email'],
  ])('%j is refused as %s', async (changed, code, field) => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await expect(createCard(db, acme.admin, { ...ewa, ...changed })).rejects.toMatchObject({ code, field })
    expect(await listCards(db, acme.admin)).toHaveLength(3)
  })

  test('is made by admins only', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await expect(createCard(db, acme.user, ewa)).rejects.toMatchObject({ code: 'notAdmin' })
  })
})

describe('saving a card', () => {
  test('another e-mail must be confirmed again; the same one stays confirmed', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await changeCard(db, acme.admin, { code: 'ANNA', name: 'Anna Nowak-Lis' })
    expect(await getCard(db, acme.admin, { code: 'ANNA' })).toMatchObject({ name: 'Anna Nowak-Lis', isEmailConfirmed: true, version: 2 })
    await changeCard(db, acme.admin, { code: 'ANNA', email: 'a@acme.test' })
    expect(await getCard(db, acme.admin, { code: 'ANNA' })).toMatchObject({ email: 'a@acme.test', isEmailConfirmed: false })
  })

  test('a person saves name, copy and signature, and cannot reach the rest', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    const typed = { version: 1, name: 'Anna N.', bcc: 'archiwum@acme.test', signature: 'Pozdrawiam\r\nAnna', email: 'x@acme.test', role: 'admin' }
    await saveOwnCard(db, acme.user, ownCardForm.parse(typed))
    expect(await getOwnCard(db, acme.user)).toMatchObject({
      name: 'Anna N.',
      bcc: 'archiwum@acme.test',
      signature: 'Pozdrawiam\nAnna',
      email: 'anna@acme.test',
      role: 'user',
    })
    await expect(saveOwnCard(db, acme.user, ownCardForm.parse(typed))).rejects.toMatchObject({ code: 'stale' })
    await expect(changeCard(db, acme.user, { code: 'ANNA', role: 'admin' })).rejects.toMatchObject({ code: 'notAdmin' })
  })

  test.each([
    [{ name: 'Anna\r\nBcc: x@evil.test' }, 'nameUnsafe'],
    [{ name: 'Anna\u2028Nowak' }, 'nameUnsafe'],
    [{ name: '' }, 'nameNeeded'],
    [{ name: 'ä'.repeat(201) }, 'nameTooLong'],
    [{ bcc: 'a@acme.test, b@acme.test' }, 'addressInvalid'],
    [{ signature: 'x'.repeat(10_001) }, 'signatureTooLong'],
    [{ signature: 'a\0b' }, 'textUnsafe'],
    [{ code: 'ANNA NOWAK' }, 'codeInvalid'],
  ])('%j is refused where it is read', (changed, code) => {
    const parsed = cardForm.safeParse({ code: 'ANNA', version: 1, ...fields, ...changed })
    expect(parsed.error?.issues[0]?.message).toBe(code)
  })

  test('the last admin stays one', async () => {
    await using db = await testDb()
    const acme = await makeCompany(db)
    await expect(changeCard(db, acme.admin, { code: 'JAN', role: 'user' })).rejects.toMatchObject({ code: 'lastAdmin', field: 'role' })
    await expect(changeCard(db, acme.admin, { code: 'JAN', isActive: false })).rejects.toMatchObject({ code: 'lastAdmin' })
    await changeCard(db, acme.admin, { code: 'PIOTR', role: 'admin', isActive: false })
    await expect(changeCard(db, acme.admin, { code: 'JAN', role: 'user' }), 'one who may not sign in is none').rejects.toMatchObject({ code: 'lastAdmin' })
    await changeCard(db, acme.admin, { code: 'ANNA', role: 'admin' })
    await changeCard(db, acme.admin, { code: 'JAN', role: 'user' })
    expect(await getOwnCard(db, acme.admin)).toMatchObject({ role: 'user' })
  })
})

test('what is no code finds no card', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  for (const code of ['A\0', '', 'anna', 'Ż']) await expect(getCard(db, admin, { code })).rejects.toMatchObject({ code: 'cardNotFound' })
})

test('two admins who demote each other at once leave one', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await changeCard(db, acme.admin, { code: 'ANNA', role: 'admin' })
  const anna = { ...acme.user, role: 'admin' } as const
  const outcomes = await Promise.allSettled([changeCard(db, acme.admin, { code: 'ANNA', role: 'user' }), changeCard(db, anna, { code: 'JAN', role: 'user' })])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect((await listCards(db, acme.admin)).filter(({ role }) => role === 'admin')).toHaveLength(1)
})

test.runIf(isPostgres)('an e-mail that an admin changes while the operator confirms the one before is not confirmed', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await createCard(db, acme.admin, ewa)
  await using admin = await openTransaction()
  await admin.client.query("update card set email = 'obcy@acme.test' where code = 'EWA'")
  const confirming = confirmEmailAsOperator(db, { slug: 'acme', code: 'EWA' })
  await Promise.race([confirming, untilSomebodyWaits(admin.client)])
  await admin.client.query('commit')
  await expect(confirming).rejects.toMatchObject({ code: 'emailChanged' })
  expect(await getCard(db, acme.admin, { code: 'EWA' })).toMatchObject({ email: 'obcy@acme.test', isEmailConfirmed: false })
})

test('a code that two admins give at once is refused to one of them', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const outcomes = await Promise.allSettled([createCard(db, acme.admin, ewa), createCard(db, acme.admin, { ...ewa, email: 'ewa.lis@acme.test' })])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'codeTaken' } })
})

test('a deactivated person is signed out of the company at once, and goes on in another', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  await addCardAsOperator(db, { slug: 'globex', ...ewa, loginEmail: 'anna@acme.test', isConfirmed: false, linking: 'samePassword' })
  const [sessionId, elsewhere] = [await createSession(db, acme.user.loginId, acme.tenantId), await createSession(db, acme.user.loginId, globex.tenantId)]
  await changeCard(db, acme.admin, { code: 'ANNA', isActive: false })
  expect(await findActor(db, sessionId)).toBeNull()
  expect(await findActor(db, elsewhere)).toMatchObject({ tenantId: globex.tenantId, code: 'EWA' })
  await changeCard(db, acme.admin, { code: 'ANNA', isActive: true })
  expect(await findActor(db, sessionId), 'the old session stays dead').toBeNull()
  expect(await getCard(db, acme.admin, { code: 'ANNA' })).toMatchObject({ isActive: true })
})

test('search looks in code, name and e-mail', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const found = async (search: string) => (await listCards(db, acme.admin, { search })).map(({ code }) => code)
  expect([await found('wiśn'), await found('ANNA@'), await found('ja'), await found('nobody')]).toEqual([['PIOTR'], ['ANNA'], ['JAN'], []])
  await expect(listCards(db, acme.user)).rejects.toMatchObject({ code: 'notAdmin' })
})

test('another company is out of reach', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  await createCard(db, globex.admin, ewa)
  await expect(getCard(db, acme.admin, { code: 'EWA' })).rejects.toMatchObject({ code: 'cardNotFound' })
  await changeCard(db, acme.admin, { code: 'ANNA', isActive: false })
  expect(await getCard(db, globex.admin, { code: 'ANNA' })).toMatchObject({ isActive: true, version: 1 })
})
