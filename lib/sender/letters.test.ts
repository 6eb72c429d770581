import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { senders } from '@/db/schema'
import { now } from '@/lib/clock'
import { type Company, makeBaseUser, makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { findLetters } from './letters'
import { senderForm } from './sender.form'

const server = { host: 'mail.acme.test', port: 587, tls: 'starttls' as const }

/** JAN is the base user; ANNA follows him, PIOTR signs in at his server himself. */
async function baseUser(db: Db, { admin, second, tenantId }: Company): Promise<void> {
  const at = { tenantId, choice: 'smtp' as const, updatedAt: now() }
  await db.insert(senders).values({ ...at, ...server, cardId: admin.cardId, username: 'jan@acme.test' })
  await db.insert(senders).values({ ...at, cardId: second.cardId, username: 'piotr@acme.test' })
  await makeBaseUser(db, admin)
}

test('the card of a base user shows what everybody’s recipients see who sends through its server', async () => {
  await using db = await testDb()
  const company = await makeCompany(db)
  await baseUser(db, company)
  expect(await findLetters(db, company.admin, { code: 'JAN' })).toEqual([
    { code: 'JAN', name: 'Jan Kowalski', host: 'mail.acme.test', from: 'jan@acme.test', replyTo: null, envelopeSender: 'jan@acme.test' },
    { code: 'ANNA', name: 'Anna Nowak', host: 'mail.acme.test', from: 'anna@acme.test', replyTo: null, envelopeSender: 'jan@acme.test' },
    { code: 'PIOTR', name: 'Piotr Wiśniewski', host: 'mail.acme.test', from: 'piotr@acme.test', replyTo: null, envelopeSender: 'piotr@acme.test' },
  ])
})

test('values on screen change what they see, and nothing that is saved', async () => {
  await using db = await testDb()
  const company = await makeCompany(db)
  await baseUser(db, company)
  const values = senderForm.parse({ choice: 'smtp', server: 'other.acme.test:587', tls: 'starttls', username: 'office@acme.test', password: 'sesam' })
  const letters = await findLetters(db, company.admin, { code: 'JAN', values })
  expect(letters?.map(({ host, envelopeSender }) => `${envelopeSender} through ${host}`)).toEqual([
    'office@acme.test through other.acme.test',
    'office@acme.test through other.acme.test',
    'piotr@acme.test through other.acme.test',
  ])
  const replyTo = await findLetters(db, company.admin, { code: 'JAN', values: senderForm.parse({ choice: 'replyTo' }) })
  expect(
    replyTo?.find(({ code }) => code === 'ANNA'),
    'answers still come to her',
  ).toMatchObject({
    host: '',
    from: 'acme@event.data.directo.ee',
    replyTo: 'anna@acme.test',
  })
  expect((await findLetters(db, company.admin, { code: 'JAN' }))?.[0]?.host).toBe('mail.acme.test')
})

test('nobody sends through another card, a plain user is not told, and another company has its own', async () => {
  await using db = await testDb()
  const company = await makeCompany(db)
  await baseUser(db, company)
  const other = await makeCompany(db, 'beta')
  expect(await findLetters(db, company.admin, { code: 'ANNA' })).toBeNull()
  expect(await findLetters(db, company.user, { code: 'JAN' })).toBeNull()
  expect(await findLetters(db, other.admin, { code: 'JAN' })).toBeNull()
})
