import { goToMicrosoft, signInAtMicrosoft } from './fixture/microsoft'
import { expect, test } from './fixture/test'

test('A newcomer connects a mailbox in the sandbox, sends, and reads the message there', async ({ signedInAs }) => {
  const anna = await signedInAs('ANNA')
  await goToMicrosoft(anna)
  await expect(anna.getByText('Do not type a real password here')).toBeVisible()
  await signInAtMicrosoft(anna, 'anna@acme.test')
  await expect(anna.getByText('Microsoft 365 has been authenticated')).toBeVisible()
  await anna.goto('/settings/user')
  await anna.getByRole('button', { name: 'Send a test message' }).click()
  await expect(anna.getByText('XOAUTH2').first()).toBeAttached()
  await expect
    .poll(async () => {
      await anna.goto('/sandbox')
      return anna.getByText('signed in as anna@acme.test').count()
    })
    .toBeGreaterThan(0)
  await anna.getByRole('main').getByRole('table').getByRole('link').first().click()
  await expect(anna.getByText('anna@acme.test').first()).toBeVisible()
})
