import { expect, test } from 'vitest'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { createTenant, getTenant, listTenants, saveTenant, setMailingModule } from './tenant'
import { newTenantForm, tenantForm } from './tenant.form'

test('an admin names the company; a user and a stale form are refused; another company keeps its name', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  const input = tenantForm.parse({ name: ' Acme S.A. ', version: 1 })
  await saveTenant(db, acme.admin, input)
  expect(await getTenant(db, acme.user)).toMatchObject({ slug: 'acme', name: 'Acme S.A.', eventAddress: 'acme@event.data.directo.ee', version: 2 })
  await expect(saveTenant(db, acme.admin, input)).rejects.toMatchObject({ code: 'stale' })
  await expect(saveTenant(db, acme.user, { ...input, version: 2 })).rejects.toMatchObject({ code: 'notAdmin' })
  expect(await getTenant(db, globex.admin)).toMatchObject({ name: 'globex Sp. z o.o.', version: 1 })
})

test('the operator makes companies and switches their mailing module', async () => {
  await using db = await testDb()
  await createTenant(db, newTenantForm.parse({ slug: 'Initech', name: 'Initech OÜ' }))
  await expect(createTenant(db, { slug: 'initech', name: 'Other' })).rejects.toMatchObject({ code: 'slugTaken', field: 'slug' })
  await setMailingModule(db, { slug: 'initech', isOn: true })
  expect(await listTenants(db)).toMatchObject([{ slug: 'initech', name: 'Initech OÜ', hasMailingModule: true }])
  await expect(setMailingModule(db, { slug: 'nobody', isOn: true })).rejects.toMatchObject({ code: 'companyNotFound' })
})

test.each(['postmaster', 'abuse', 'Mailer-Daemon'])('%s is an address of the event domain itself', slug => {
  expect(newTenantForm.safeParse({ slug, name: 'X' }).error?.issues[0]?.message).toBe('slugReserved')
})

test.each(['', '-acme', 'acme.pl', 'a b', 'ä', 'x'.repeat(41)])('%j is no short name', slug => {
  expect(newTenantForm.safeParse({ slug, name: 'X' }).error?.issues[0]?.message).toBe('slugInvalid')
})

test('a version that no row can have is refused before the database is asked', () => {
  expect(tenantForm.safeParse({ name: 'Acme', version: 2_147_483_648 }).success).toBe(false)
})
