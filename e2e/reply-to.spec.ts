import { expect, test } from './fixture/test'

test("With Directo-Reply-to the mail comes from the company's event address and answers go to Anna", async ({ signedInAs }) => {
  const page = await signedInAs('ANNA')
  await page.getByRole('radio', { name: /^Directo-Reply-to/ }).check()
  await page.getByRole('button', { name: 'Save settings' }).click()
  await expect(page.getByText('Settings saved.')).toBeVisible()

  await page.goto('/test-send')
  await page.getByRole('button', { name: 'Send a test message' }).click()
  await expect(page.getByText('The server accepted the message.')).toBeVisible()

  await page.goto('/sandbox')
  await expect(page.getByRole('table').getByText('no login'), 'as usual through the relay').toHaveCount(0)
  await page.getByRole('main').getByRole('link', { name: /test/i }).first().click()
  const source = await page.getByLabel('Raw source of the message').textContent()
  expect(source).toMatch(/^From: .*Anna Nowak.*<acme@event\.data\.directo\.ee>/im)
  expect(source).toMatch(/^Reply-To: .*anna@acme\.test/im)
  await expect(page.getByText('acme@event.data.directo.ee', { exact: true }).first(), 'the envelope sender').toBeVisible()
})
