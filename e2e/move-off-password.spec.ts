import { signInAtMicrosoft } from './fixture/microsoft'
import { expect, test } from './fixture/test'

test('a card moves off its password only when a test message has left by the new way', async ({ installation, signedInAs }) => {
  await installation.keepPasswordAtMicrosoft('ANNA')
  const jan = await signedInAs('JAN')
  await jan.goto('/settings/users')
  await expect(jan.getByText('1 card still signs in at Microsoft by password')).toBeVisible()

  const anna = await signedInAs('ANNA')
  const smtp = anna.getByRole('radio', { name: /^SMTP/ })
  await anna.getByRole('region', { name: 'Move off the password' }).getByRole('link', { name: 'Move to Microsoft 365 OAUTH' }).click()
  await signInAtMicrosoft(anna, 'anna@acme.test')
  await expect(smtp, 'a consent alone changes nothing').toBeChecked()
  await anna.getByRole('button', { name: 'Stay with the password' }).click()
  await expect(anna.getByRole('button', { name: 'Send a test message and switch' }), 'and can be taken back').toBeHidden()

  await anna.getByRole('region', { name: 'Move off the password' }).getByRole('link', { name: 'Move to Microsoft 365 OAUTH' }).click()
  await signInAtMicrosoft(anna, 'anna@acme.test')
  await anna.getByRole('button', { name: 'Send a test message and switch' }).click()
  await expect(anna.getByText('Moved to Microsoft 365 OAUTH')).toBeVisible()
  await expect(anna.getByRole('radio', { name: /^Microsoft 365 OAUTH/ })).toBeChecked()
  await expect(smtp).not.toBeChecked()

  await jan.reload()
  await expect(jan.getByText('still signs in at Microsoft by password')).toBeHidden()
  await jan.goto('/sandbox')
  await expect(jan.getByRole('main').getByText('anna@acme.test').first()).toBeVisible()
})
