import { signInAtMicrosoft } from './fixture/microsoft'
import { expect, test } from './fixture/test'

test('SMTP is switched off for the organisation: one click leads to Graph, and another back', async ({ signedInAs }) => {
  const anna = await signedInAs('ANNA')
  await anna.getByRole('radio', { name: /^Microsoft 365 OAUTH/ }).check()
  await anna.getByLabel('Microsoft 365 address').fill('smtp-off@acme.test')
  await anna.getByRole('button', { name: 'Authenticate with Microsoft 365' }).click()
  await signInAtMicrosoft(anna, 'smtp-off@acme.test')

  await anna.getByRole('button', { name: 'Send a test message' }).click()
  await expect(anna.getByRole('heading', { name: 'Authenticated SMTP is switched off for the organisation' })).toBeVisible()
  await expect(anna.getByText("Set-CASMailbox -Identity 'smtp-off@acme.test' -SmtpClientAuthenticationDisabled $false")).toBeVisible()
  await anna.getByRole('link', { name: 'Send over Microsoft Graph instead' }).click()
  await signInAtMicrosoft(anna, 'smtp-off@acme.test')
  await expect(anna.getByText('Mail leaves over Microsoft Graph')).toBeVisible()

  await anna.getByRole('button', { name: 'Send a test message' }).click()
  await expect(anna.getByText('The server accepted the message.')).toBeVisible()
  await anna.goto('/sandbox')
  await expect(anna.getByRole('main').getByText('smtp-off@acme.test').first()).toBeVisible()

  await anna.goto('/settings/user')
  await anna.getByRole('link', { name: 'Send by SMTP again' }).click()
  await signInAtMicrosoft(anna, 'smtp-off@acme.test')
  await expect(anna.getByText('Microsoft 365 has been authenticated')).toBeVisible()
  await expect(anna.getByText('Mail leaves over Microsoft Graph')).toBeHidden()
})
