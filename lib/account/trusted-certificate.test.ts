import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { accounts, senders } from '@/db/schema'
import { days, now, shiftClock } from '@/lib/clock'
import { accountOf } from '@/lib/message/prepare-message'
import { getRoute } from '@/lib/sender/resolve-route'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { findOrCreateAccount } from './find-account'
import { distrustCertificate, findTrustedCertificate, listTrustedCertificates, mayTrustCertificateOf, trustCertificate } from './trusted-certificate'

const fingerprint256 = Array.from({ length: 32 }, () => 'AB').join(':')
const certificate = { fingerprint256, subject: 'mail.acme.test', issuer: 'Acme' }

test('an admin trusts one certificate for one account until a day; its mail tries again, and nobody else’s changes', async () => {
  await using db = await testDb()
  const { admin, user, tenantId } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  await db
    .insert(senders)
    .values({ cardId: user.cardId, tenantId, choice: 'smtp', host: 'mail.acme.test', port: 587, tls: 'starttls', username: null, updatedAt: now() })
  const account = await findOrCreateAccount(db, tenantId, accountOf(await getRoute(db, admin, { code: 'ANNA' })))
  await db.update(accounts).set({ state: 'paused', pauseReason: 'tlsFailed', pausedAt: now() }).where(eq(accounts.id, account.id))

  await expect(trustCertificate(db, user, { code: 'ANNA', certificate, forDays: 30 })).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(trustCertificate(db, admin, { code: 'ANNA', certificate: { ...certificate, fingerprint256: 'AB:CD' }, forDays: 30 })).rejects.toMatchObject({
    code: 'certificateInvalid',
  })
  await expect(trustCertificate(db, admin, { code: 'ANNA', certificate, forDays: 36500 }), 'not for ever').rejects.toMatchObject({ code: 'certificateInvalid' })
  await expect(trustCertificate(db, admin, { code: 'JAN', certificate, forDays: 30 }), 'the relay is the operator’s').rejects.toMatchObject({
    code: 'certificateNotNeeded',
  })
  await trustCertificate(db, admin, { code: 'ANNA', certificate, forDays: 30 })
  expect(await findTrustedCertificate(db, tenantId, account)).toMatchObject({ fingerprint256, trustedByCardId: admin.cardId })
  expect(await findTrustedCertificate(db, other.tenantId, account), 'not in another company').toBeNull()
  expect((await db.select().from(accounts).where(eq(accounts.id, account.id)))[0]).toMatchObject({ state: 'active' })

  const putBack = shiftClock(days(31))
  expect(await findTrustedCertificate(db, tenantId, account), 'the day has come').toBeNull()
  putBack()
})

test('an admin sees what is trusted, since when and by whom, and takes it back', async () => {
  await using db = await testDb()
  const { admin, user, tenantId } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const server = { host: 'mail.acme.test', port: 587, tls: 'starttls' as const, username: null, choice: 'smtp' as const, updatedAt: now() }
  await db.insert(senders).values({ cardId: user.cardId, tenantId, ...server })
  await db.insert(senders).values({ cardId: other.user.cardId, tenantId: other.tenantId, ...server })
  await trustCertificate(db, admin, { code: 'ANNA', certificate, forDays: 30 })
  await trustCertificate(db, other.admin, { code: 'ANNA', certificate, forDays: 30 })

  const [trust] = await listTrustedCertificates(db, admin, { code: 'ANNA' })
  expect(trust).toMatchObject({ host: 'mail.acme.test', port: 587, fingerprint256, subject: 'mail.acme.test', trustedBy: 'JAN' })
  expect(await listTrustedCertificates(db, admin), 'the whole company’s').toEqual([trust])
  expect(await listTrustedCertificates(db, admin, { code: 'PIOTR' }), 'another account’s').toEqual([])
  await expect(listTrustedCertificates(db, user)).rejects.toMatchObject({ code: 'notAdmin' })

  const id = trust?.id ?? ''
  await expect(distrustCertificate(db, user, { id })).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(distrustCertificate(db, other.admin, { id }), 'not from another company').rejects.toMatchObject({ code: 'trustNotFound' })
  await distrustCertificate(db, admin, { id })
  expect(await listTrustedCertificates(db, admin)).toEqual([])
  await expect(distrustCertificate(db, admin, { id }), 'it is gone').rejects.toMatchObject({ code: 'trustNotFound' })
  expect(await listTrustedCertificates(db, other.admin), 'the other company’s stays').toHaveLength(1)

  await trustCertificate(db, admin, { code: 'ANNA', certificate, forDays: 30 })
  const putBack = shiftClock(days(31))
  expect(await listTrustedCertificates(db, admin), 'its day has come').toEqual([])
  putBack()
})

test.each(['smtp.office365.com', 'SMTP.gmail.com', 'acme.mail.protection.outlook.com', 'smtp-relay.gmail.com'])('never for %s', host => {
  expect(mayTrustCertificateOf(host)).toBe(false)
})

test('a server of one’s own may show one of its own making', () => {
  expect(mayTrustCertificateOf('mail.notgoogle.com.acme.test')).toBe(true)
})
