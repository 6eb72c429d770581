import { expect, test } from './fixture/test'

test('Whoever works by keyboard is led to what is wrong, and to what was done', async ({ installation, signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/settings/users')
  await jan.getByRole('textbox', { name: 'Code' }).fill('ANNA')
  await jan.getByRole('textbox', { name: 'Name', exact: true }).fill('Anna Lis')
  await jan.getByRole('textbox', { name: 'E-mail', exact: true }).fill('anna.lis@acme.test')
  await jan.keyboard.press('Enter')
  await expect(jan.getByRole('textbox', { name: 'Code' }), 'the code is taken').toBeFocused()

  await jan.goto('/settings/company')
  await jan.getByLabel('Mail sending user code').fill('NOBODY')
  await jan.getByRole('button', { name: 'Save whose settings apply' }).press('Enter')
  await expect(jan.getByLabel('Mail sending user code')).toBeFocused()

  await jan.goto('/test-send')
  await jan.getByRole('textbox', { name: 'Recipient' }).fill('buyer@')
  await jan.getByRole('button', { name: 'Send a test message' }).press('Enter')
  await expect(jan.getByRole('textbox', { name: 'Recipient' })).toBeFocused()

  await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice 1' })
  await jan.goto('/outbox')
  await jan.getByRole('checkbox', { name: 'Select: Invoice 1' }).press('Space')
  await jan.getByRole('button', { name: 'Cancel sending' }).press('Enter')
  await expect(jan.getByRole('status').filter({ hasText: /cancelled/ }), 'the button is gone').toBeFocused()
})
