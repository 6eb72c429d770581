import type { Page } from '@playwright/test'
import { expect, test } from './fixture/test'

async function fillIn(page: Page, server: string, username: string): Promise<void> {
  await page.goto('/settings/user')
  await page.getByRole('radio', { name: /^SMTP/ }).check()
  await page.getByRole('textbox', { name: 'Mail server and port' }).fill(server)
  await page.getByRole('textbox', { name: 'Username', exact: true }).fill(username)
  await page.getByLabel('Password', { exact: true }).fill('sesam')
}

test('An admin sees the certificate that nobody vouches for, trusts exactly that one, and mail leaves', async ({ signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith({ certificateIsUntrusted: true, users: { 'jan@acme.test': 'sesam', 'anna@acme.test': 'sesam' } })
  const jan = await signedInAs('JAN')
  await fillIn(jan, smarthost.server, 'jan@acme.test')
  await jan.getByRole('button', { name: 'Save settings' }).click()
  await expect(jan.getByText('Settings saved.')).toBeVisible()
  await jan.goto('/test-send')
  await jan.getByRole('button', { name: 'Send a test message' }).click()
  await expect(jan.getByRole('heading', { name: 'The server’s certificate cannot be verified' })).toBeVisible()
  await jan.getByRole('button', { name: 'Show the certificate' }).click()
  await expect(jan.getByText(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)).toBeVisible()
  expect(smarthost.logins, 'nobody signs in before the certificate is trusted').toEqual([])
  await jan.getByRole('button', { name: 'Trust exactly this certificate' }).click()
  await expect(jan.getByText('This certificate is trusted until')).toBeVisible()
  await jan.goto('/test-send')
  await jan.getByRole('button', { name: 'Send a test message' }).click()
  await expect(jan.getByText('The server accepted the message.')).toBeVisible()
  expect(smarthost.received).toHaveLength(1)

  await jan.goto('/settings/user')
  const trusts = jan.getByRole('region', { name: 'Certificates trusted by an administrator' })
  await expect(trusts.getByText(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)).toBeVisible()
  await expect(trusts.getByText(/by JAN/)).toBeVisible()
  await trusts.getByRole('button', { name: /^Trust the certificate of .* no more$/ }).click()
  await expect(jan.getByText('The certificate is not trusted any more.')).toBeVisible()
  await jan.goto('/test-send')
  await jan.getByRole('button', { name: 'Send a test message' }).click()
  await expect(jan.getByRole('heading', { name: 'The server’s certificate cannot be verified' })).toBeVisible()
  expect(smarthost.received, 'trust that was taken back lets nothing through').toHaveLength(1)

  const anna = await signedInAs('ANNA')
  await fillIn(anna, smarthost.server, 'anna@acme.test')
  await anna.getByRole('button', { name: 'Send a test message' }).click()
  await anna.getByRole('button', { name: 'Show the certificate' }).click()
  await expect(anna.getByText('An administrator of the company can trust this certificate')).toBeVisible()
  await expect(anna.getByRole('button', { name: 'Trust exactly this certificate' }), 'trust is the admin’s, and for one account').toHaveCount(0)
  expect(smarthost.received).toHaveLength(1)
})
