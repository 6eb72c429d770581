import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { carryOut } from '@/db/atomically'
import { senders } from '@/db/schema'
import { getOwnCard, planOwnCard } from '@/lib/card/card'
import { makeCard, makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { saveCardWithSender, saveOwnCardWithSender } from './save-with-card'
import { getSender, planSender, saveSender } from './sender'

const noServer = { choice: 'replyTo', server: '', tls: '', username: '', password: '', authorIsLogin: false, version: 0 } as const

test('a card that somebody saved meanwhile keeps its sender too', async () => {
  await using db = await testDb()
  const { user: anna } = await makeCompany(db)
  const card = { version: 7, name: 'Anna', bcc: null, signature: '' }
  await expect(saveOwnCardWithSender(db, anna, { card, sender: noServer })).rejects.toMatchObject({ code: 'stale' })
  expect((await getSender(db, anna, { code: anna.code })).choice, 'the sender was not saved by half').toBe('platform')
})

test('a sender that somebody saved meanwhile keeps the name too', async () => {
  await using db = await testDb()
  const { user: anna } = await makeCompany(db)
  const { version, name } = await getOwnCard(db, anna)
  const plans = [
    await planOwnCard(db, anna, { version, name: 'Anna Maria', bcc: null, signature: '' }),
    await planSender(db, anna, { ...noServer, code: anna.code }),
  ]
  await saveSender(db, anna, { ...noServer, code: anna.code })
  await expect(carryOut(db, plans)).rejects.toMatchObject({ code: 'stale' })
  expect(await getOwnCard(db, anna), 'the card, written first, is undone with the sender').toMatchObject({ version, name })
})

test('the last admin who gives up the role keeps role and sender', async () => {
  await using db = await testDb()
  const { admin: jan } = await makeCompany(db)
  const { version, name, email } = await getOwnCard(db, jan)
  const card = { code: jan.code, version, name, email, role: 'user', bcc: null, signature: '', isActive: true } as const
  await expect(saveCardWithSender(db, jan, { card, sender: noServer })).rejects.toMatchObject({ code: 'lastAdmin', field: 'role' })
  expect(await db.select().from(senders).where(eq(senders.cardId, jan.cardId))).toEqual([])
})

test('an e-mail that nobody may have and a server that is none are told at once', async () => {
  await using db = await testDb()
  const { admin: jan } = await makeCompany(db)
  const { version, name } = await getOwnCard(db, jan)
  const card = { code: jan.code, version, name, email: 'acme@event.data.directo.ee', role: 'admin', bcc: null, signature: '', isActive: true } as const
  const sender = { ...noServer, choice: 'smtp', server: 'smtp.acme.test' } as const
  await expect(saveCardWithSender(db, jan, { card, sender })).rejects.toMatchObject({
    code: 'emailIsEventAddress',
    field: 'email',
    others: [{ code: 'serverNoPort', field: 'server' }],
  })
})

test("another company's admin saves nothing of this one", async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const ewa = await makeCard(db, { tenantId: acme.tenantId, slug: acme.slug, code: 'EWA', name: 'Ewa Lis', role: 'user' })
  const { admin: stranger } = await makeCompany(db, 'globex')
  const { version, name, email } = await getOwnCard(db, ewa)
  const card = { code: 'EWA', version, name: 'Taken over', email, role: 'user', bcc: null, signature: '', isActive: false } as const
  await expect(saveCardWithSender(db, stranger, { card, sender: noServer })).rejects.toMatchObject({ code: 'cardNotFound' })
  expect(await getOwnCard(db, ewa)).toMatchObject({ name, isActive: true })
  expect((await getSender(db, ewa, { code: 'EWA' })).choice).toBe('platform')
})
