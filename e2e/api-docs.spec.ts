import { expect, test } from './fixture/test'

test('Who writes a webhook finds every event, and an example of the one they pick', async ({ page }) => {
  await page.goto('/docs/api')
  const events = page.getByRole('table', { name: 'Events' })
  await expect(events.getByRole('row')).toHaveCount(11)
  await expect(page.getByText('"type": "message.accepted"')).toBeVisible()
  await page.getByLabel('Example of').selectOption('account.paused')
  await expect(page.getByText('"type": "account.paused"')).toBeVisible()
  await expect(page.getByText('"type": "message.accepted"')).toHaveCount(0)
  await page.reload()
  await expect(page.getByLabel('Example of')).toHaveValue('account.paused')
})
