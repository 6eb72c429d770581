import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { credentials, senders } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { getMendContext } from '@/lib/diagnosis/mend-context'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { savePassword } from '@/lib/testing/outbox'
import { sendAsLogin, sendAsReplyTo } from './mend-sender'
import { openPassword } from './open-credential'
import { hasAppPasswordBlanks, removePasswordBlanks } from './password-blanks'
import { getRoute } from './resolve-route'

const server = { host: 'smtp.acme.test', port: 587, tls: 'starttls' as const, username: 'office@acme.test' }

async function useServer(db: Db, { tenantId, cardId }: Actor, password: string): Promise<void> {
  await db.insert(senders).values({ cardId, tenantId, choice: 'smtp', ...server, updatedAt: now() })
  await savePassword(db, { tenantId, cardId }, server, password)
}

test('From becomes the mailbox that signs in, and the password stays; another’s card is the admin’s', async () => {
  await using db = await testDb()
  const { admin, user, second, tenantId } = await makeCompany(db)
  await useServer(db, user, 'sesam')
  await expect(sendAsLogin(db, second, { code: 'ANNA' })).rejects.toMatchObject({ code: 'notAdmin' })
  await sendAsLogin(db, admin, { code: 'ANNA' })
  expect(await getRoute(db, user, { code: 'ANNA' })).toMatchObject({
    from: { value: { address: 'office@acme.test' } },
    replyTo: { value: 'anna@acme.test' },
    problem: null,
  })
  expect(await openPassword(db, { tenantId, cardId: user.cardId, ...server })).toBe('sesam')
  await sendAsReplyTo(db, user, { code: 'ANNA' })
  expect(await getRoute(db, user, { code: 'ANNA' })).toMatchObject({ sender: { value: 'replyTo' }, problem: null })
})

test('the blanks of a stored app password go when somebody who may asks for it, and only there', async () => {
  await using db = await testDb()
  const { user, second, tenantId } = await makeCompany(db)
  const use = { tenantId, cardId: user.cardId, ...server }
  await useServer(db, user, 'abcd efgh ijkl mnop')
  expect(await hasAppPasswordBlanks(db, user, { cardId: user.cardId, ...server })).toBe(true)
  await expect(removePasswordBlanks(db, second, { code: 'ANNA' })).rejects.toMatchObject({ code: 'notAdmin' })
  expect(await removePasswordBlanks(db, user, { code: 'ANNA' })).toEqual({ count: 3 })
  expect(await openPassword(db, use)).toBe('abcdefghijklmnop')
  await expect(removePasswordBlanks(db, user, { code: 'ANNA' }), 'once').rejects.toMatchObject({ code: 'noBlanks' })
})

test('a sentence somebody uses as a password is not taken for an app password', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await useServer(db, user, 'correct horse battery staple')
  expect(await hasAppPasswordBlanks(db, user, { cardId: user.cardId, ...server })).toBe(false)
  expect(await db.select().from(credentials).where(eq(credentials.cardId, user.cardId))).toHaveLength(1)
})

test('a stored password that no key opens fails no page: there is none to mend, and another can be typed', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await useServer(db, user, 'sesam')
  await db.update(credentials).set({ passwordSealed: 'v1.gone.AAAA.AAAA.AAAA' })
  expect(await getMendContext(db, user, { code: 'ANNA' })).toMatchObject({ hasBlanks: false, mayTypePassword: true })
  await expect(removePasswordBlanks(db, user, { code: 'ANNA' })).rejects.toMatchObject({ code: 'passwordNeeded' })
})
