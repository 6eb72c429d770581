import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { cards, senders } from '@/db/schema'
import { getOwnCard } from '@/lib/card/card'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { saveCardWithSender, saveOwnCardWithSender } from './save-with-card'
import { getSender } from './sender'

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
  const before = await getOwnCard(db, anna)
  const both = { card: { version: before.version, name: 'Anna Maria', bcc: null, signature: '' }, sender: noServer }
  const results = await Promise.allSettled([saveOwnCardWithSender(db, anna, both), saveOwnCardWithSender(db, anna, both)])
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect((await getOwnCard(db, anna)).version).toBe(before.version + 1)
})

test('the last admin who gives up the role keeps role and sender', async () => {
  await using db = await testDb()
  const { admin: jan } = await makeCompany(db)
  const { version, name, email } = await getOwnCard(db, jan)
  const card = { code: jan.code, version, name, email, role: 'user', bcc: null, signature: '', isActive: true } as const
  await expect(saveCardWithSender(db, jan, { card, sender: noServer })).rejects.toMatchObject({ code: 'lastAdmin', field: 'role' })
  expect(await db.select().from(senders).where(eq(senders.cardId, jan.cardId))).toEqual([])
})

test("another company's admin saves nothing of this one", async () => {
  await using db = await testDb()
  const { user: anna } = await makeCompany(db)
  const { admin: stranger } = await makeCompany(db, 'globex')
  const { version, name, email } = await getOwnCard(db, anna)
  const card = { code: 'NOBODY', version, name, email, role: 'user', bcc: null, signature: '', isActive: false } as const
  await expect(saveCardWithSender(db, stranger, { card, sender: noServer })).rejects.toMatchObject({ code: 'cardNotFound' })
  const [kept] = await db.select({ isActive: cards.isActive }).from(cards).where(eq(cards.id, anna.cardId))
  expect(kept?.isActive).toBe(true)
})
