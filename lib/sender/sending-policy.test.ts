import { expect, test } from 'vitest'
import { carryOut } from '@/db/atomically'
import { getCard, planCard } from '@/lib/card/card'
import { changeCard } from '@/lib/testing/change-card'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { openTransaction, untilSomebodyWaits } from '@/lib/testing/open-transaction'
import { getRoute } from './resolve-route'
import { saveSender } from './sender'
import { senderForm } from './sender.form'
import { getSendingPolicy, listFollowers, previewPolicy, saveSendingPolicy } from './sending-policy'
import { sendingPolicyForm } from './sending-policy.form'

const smtp = senderForm.parse({ choice: 'smtp', server: 'smtp.jan.test:587', username: 'jan@acme.test', password: 'secret' })
const policy = (fields: Record<string, string | number>) => sendingPolicyForm.parse({ usersMaySet: 'everything', ...fields })

test('a base user with a complete server is chosen by code, and the others follow', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await saveSender(db, acme.admin, { code: 'JAN', ...smtp })
  await saveSendingPolicy(db, acme.admin, policy({ baseCode: ' jan ' }))
  expect(await getSendingPolicy(db, acme.admin)).toMatchObject({ baseCode: 'JAN', baseName: 'Jan Kowalski', usersMaySet: 'everything', version: 1 })
  expect(await getRoute(db, acme.user, { code: 'ANNA' })).toMatchObject({ followsBase: 'JAN', problem: null })
})

test('the preview says who would follow, sign in themselves or keep their own, and saves nothing', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await saveSender(db, acme.admin, { code: 'JAN', ...smtp })
  await saveSender(db, acme.user, { code: 'ANNA', ...senderForm.parse({ choice: 'replyTo' }) })
  const [anna, piotr] = [
    { code: 'ANNA', name: 'Anna Nowak' },
    { code: 'PIOTR', name: 'Piotr Wiśniewski' },
  ]
  expect(await previewPolicy(db, acme.admin, policy({ baseCode: 'JAN' }))).toEqual({ followers: [piotr], ownLogin: [], own: [anna] })
  expect(await previewPolicy(db, acme.admin, policy({ baseCode: 'JAN', usersMaySet: 'nothing' }))).toEqual({ followers: [anna, piotr], ownLogin: [], own: [] })
  expect((await getSendingPolicy(db, acme.admin)).baseCode).toBeNull()
  await saveSendingPolicy(db, acme.admin, policy({ baseCode: 'JAN' }))
  await saveSender(db, acme.second, { code: 'PIOTR', ...senderForm.parse({ choice: 'smtp', username: 'piotr', password: 'x' }) })
  expect(await listFollowers(db, acme.admin)).toEqual({ followers: [], ownLogin: [piotr], own: [anna] })
})

test.each([
  ['NOBODY', 'cardNotFound'],
  ['ANNA', 'baseNotReady'],
])('%s is refused as base user: %s', async (baseCode, code) => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await expect(saveSendingPolicy(db, acme.admin, policy({ baseCode }))).rejects.toMatchObject({ code, field: 'baseCode' })
})

test('a base user must be active, and stays so', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await saveSender(db, acme.admin, { code: 'ANNA', ...smtp })
  await changeCard(db, acme.admin, { code: 'ANNA', isActive: false })
  await expect(saveSendingPolicy(db, acme.admin, policy({ baseCode: 'ANNA' }))).rejects.toMatchObject({ code: 'baseInactive' })
  await changeCard(db, acme.admin, { code: 'ANNA', isActive: true })
  await saveSendingPolicy(db, acme.admin, policy({ baseCode: 'ANNA' }))
  await expect(changeCard(db, acme.admin, { code: 'ANNA', isActive: false })).rejects.toMatchObject({ code: 'baseOf', values: { code: 'ANNA', count: 2 } })
})

test('a base user that is made unusable just while it is chosen is refused, the one way or the other', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await saveSendingPolicy(db, acme.admin, policy({}))
  await saveSender(db, acme.admin, { code: 'ANNA', ...smtp })
  const outcomes = await Promise.allSettled([
    saveSendingPolicy(db, acme.admin, policy({ baseCode: 'ANNA', version: 1 })),
    saveSender(db, acme.admin, { code: 'ANNA', ...senderForm.parse({ choice: 'platform', version: 1 }) }),
  ])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test.runIf(isPostgres)('a policy waits for whoever just changes the sender of its base user, and is judged anew', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await saveSender(db, acme.admin, { code: 'ANNA', ...smtp })
  await using person = await openTransaction()
  await person.client.query(`update sender set choice = 'platform', version = version + 1`)
  const refused = expect(saveSendingPolicy(db, acme.admin, policy({ baseCode: 'ANNA' }))).rejects.toMatchObject({ code: 'stale' })
  await untilSomebodyWaits(person.client)
  await person.client.query('commit')
  await refused
  expect(await getSendingPolicy(db, acme.admin)).toMatchObject({ baseCode: null, version: 0 })
})

test('a card that became the base user after an admin’s form was judged is not deactivated by it', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await saveSendingPolicy(db, acme.admin, policy({}))
  await saveSender(db, acme.admin, { code: 'ANNA', ...smtp })
  const { name, email, role, bcc, signature, version } = await getCard(db, acme.admin, { code: 'ANNA' })
  const deactivation = await planCard(db, acme.admin, { code: 'ANNA', name, email, role, bcc, signature, version, isActive: false })
  await saveSendingPolicy(db, acme.admin, policy({ baseCode: 'ANNA', version: 1 }))
  await expect(carryOut(db, [deactivation])).rejects.toMatchObject({ code: 'stale' })
  expect(await getCard(db, acme.admin, { code: 'ANNA' })).toMatchObject({ isActive: true })
})

test('a stale form loses, a user is no admin, and another company keeps its policy', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  await saveSendingPolicy(db, acme.admin, policy({ usersMaySet: 'login' }))
  await expect(saveSendingPolicy(db, acme.admin, policy({ usersMaySet: 'nothing' }))).rejects.toMatchObject({ code: 'stale' })
  await expect(saveSendingPolicy(db, acme.user, policy({ version: 1 }))).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(previewPolicy(db, acme.user, policy({}))).rejects.toMatchObject({ code: 'notAdmin' })
  expect(await getSendingPolicy(db, acme.user)).toMatchObject({ usersMaySet: 'login', version: 1 })
  expect(await getSendingPolicy(db, globex.admin)).toMatchObject({ usersMaySet: 'everything', version: 0 })
  await saveSender(db, globex.admin, { code: 'JAN', ...smtp })
  await saveSendingPolicy(db, globex.admin, policy({ baseCode: 'JAN' }))
  expect((await getRoute(db, acme.second, { code: 'PIOTR' })).followsBase).toBeNull()
})
