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

test('Microsoft 365 chosen by hand leads to the two steps, and an admin does the second for who has consented', async ({ installation, signedInAs }) => {
  await installation.keepPasswordAtMicrosoft('ANNA')
  const [anna, jan] = [await signedInAs('ANNA'), await signedInAs('JAN')]
  const panel = anna.getByRole('region', { name: 'Move off the password' })
  const byHand = anna.getByRole('radio', { name: /^Microsoft 365 OAUTH/ })
  await byHand.check()
  await expect(anna.getByRole('button', { name: 'Authenticate with Microsoft 365' })).toHaveCount(0)
  await anna.getByRole('button', { name: 'Save settings' }).click()
  await expect(anna.getByText('it switches once a test message was accepted')).toBeVisible()
  await anna.getByRole('link', { name: 'Move in two steps' }).click()
  await panel.getByRole('link', { name: 'Move to Microsoft 365 OAUTH' }).click()
  await anna.getByRole('button', { name: 'Leave without saving' }).click() // the choice by hand is not saved, and need not be
  await signInAtMicrosoft(anna, 'anna@acme.test', 'Cancel')
  await expect(anna.getByText('The consent was not given, so nothing was changed.')).toBeVisible()
  await panel.getByRole('link', { name: 'Move to Microsoft 365 OAUTH' }).click()
  await signInAtMicrosoft(anna, 'anna@acme.test')
  await expect(anna.getByRole('radio', { name: /^SMTP/ })).toBeChecked()

  await jan.goto('/settings/users')
  await jan.getByRole('main').getByRole('link', { name: 'ANNA' }).first().click()
  await expect(jan.getByLabel('Recipient').first(), 'the admin reads the test').toHaveValue('jan@acme.test')
  await jan.getByRole('button', { name: 'Send a test message and switch' }).click()
  await expect(jan.getByText('Moved to Microsoft 365 OAUTH')).toBeVisible()
  await expect(jan.getByRole('radio', { name: /^Microsoft 365 OAUTH/ })).toBeChecked()
})
