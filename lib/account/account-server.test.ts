import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { senders } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now, seconds, shiftClock } from '@/lib/clock'
import { adminConsentParameters, listAdminConsents, noteAdminConsent } from '@/lib/microsoft365/admin-consent'
import { makeCompany } from '@/lib/testing/company'
import { consent } from '@/lib/testing/consent'
import { testDb } from '@/lib/testing/database'
import { type Microsoft, startMicrosoft } from '@/lib/testing/microsoft'
import { microsoftServer } from './account-server'

const address = 'anna@acme.test'

async function connect(db: Db, microsoft: Microsoft, user: Actor): Promise<void> {
  await db.insert(senders).values({ cardId: user.cardId, tenantId: user.tenantId, choice: 'microsoft365', username: address, updatedAt: now() })
  expect(await consent(db, microsoft, user)).toMatchObject({ outcome: 'connected' })
}

test('where a token is refused for want of an administrator’s consent, there is a link for them, until they agree', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  microsoft.identity.tokenLifetimeSeconds = 100 // worn out at once
  await connect(db, microsoft, user)
  microsoft.identity.refuse(address, { error: 'invalid_grant', description: 'AADSTS90094: The grant requires administrator permission.' })
  expect(await microsoftServer(db, user, address)).toMatchObject({ pauseReason: 'consentNeeded' })
  const [asked] = await listAdminConsents(db, user)
  expect(asked).toMatchObject({ purpose: 'connect', grantedAt: null, link: expect.stringContaining('/adminconsent') })
  expect(await listAdminConsents(db, other.user), 'of another company nothing is wanted').toEqual([])

  const putBack = shiftClock(seconds(5))
  const answer = await microsoft.signIn(asked?.link ?? '', { address: 'admin@acme.test', answer: 'accept' })
  expect(await noteAdminConsent(db, adminConsentParameters.parse(answer))).toBe(true)
  expect(await microsoftServer(db, user, address), 'the person has to sign in again').toMatchObject({ pauseReason: 'consentNeeded' })
  expect((await listAdminConsents(db, user))[0], 'but the administrator is not asked twice').toMatchObject({ link: null, grantedAt: expect.any(Date) })
  putBack()
})

test('a consent that was merely withdrawn asks no administrator', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  microsoft.identity.tokenLifetimeSeconds = 100
  await connect(db, microsoft, user)
  microsoft.identity.refuse(address, { error: 'invalid_grant', description: 'AADSTS50173: The provided grant has expired due to it being revoked.' })
  expect(await microsoftServer(db, user, address)).toMatchObject({ pauseReason: 'consentNeeded' })
  expect(await listAdminConsents(db, user)).toEqual([])
})
