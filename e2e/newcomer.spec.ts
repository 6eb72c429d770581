import { expect, test } from './fixture/test'

test('A newcomer signs in with one click, sends a test and reads it in the sandbox', async ({ page }) => {
  await page.goto('/')
  await expect(page).toHaveURL(/\/login$/)
  await page.getByRole('button', { name: 'Jan Kowalski' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'User' })).toBeVisible()

  await page.getByRole('link', { name: 'Test send' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Test send' })).toBeVisible()
  await page.getByLabel('Recipient', { exact: true }).fill('jan@acme.test')
  await page.getByRole('button', { name: 'Send a test message' }).click()
  await expect(page.getByText('The server accepted the message.')).toBeVisible()

  await page.getByRole('link', { name: 'See the captured messages' }).click()
  await page.getByRole('main').getByRole('link', { name: /test/i }).first().click()
  await expect(page.getByText('jan@acme.test').first()).toBeVisible()
  await expect(page.getByLabel('Raw source of the message')).toContainText(/^Message-ID: </im)
})
