import { expect, test } from './fixture/test'

test('After the company chose a base user, one press sends what waits of everybody by the new route', async ({ installation, signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith()
  const jan = await signedInAs('JAN')
  await jan.goto('/settings/company')
  await jan.getByRole('button', { name: 'Hold all mail' }).click()
  await expect(jan.getByText('Mail is held. Nothing leaves.')).toBeVisible()
  for (const code of ['ANNA', 'PIOTR']) await installation.queueDocument({ code, to: 'buyer@nordhaus.test', subject: `Invoice of ${code}` })

  await jan.goto('/settings/user?preset=smtp')
  await jan.getByRole('textbox', { name: 'Mail server and port' }).fill(smarthost.server)
  await jan.getByRole('combobox', { name: 'SSL/TLS' }).selectOption('starttls')
  await jan.getByRole('button', { name: 'Save settings' }).click()
  await expect(jan.getByText('Settings saved.')).toBeVisible()
  await jan.goto('/settings/company')
  await jan.getByLabel('Mail sending user code').fill('JAN')
  await jan.getByRole('button', { name: 'Save whose settings apply' }).click()
  await jan.getByRole('button', { name: 'Send 2 waiting by the new route' }).click()
  await expect(jan.getByRole('status').filter({ hasText: '2 messages leave by the new route.' }), 'where the button was').toBeFocused()

  await jan.getByRole('button', { name: 'Let mail go' }).click()
  await expect.poll(() => smarthost.received.map(({ mail }) => mail.subject).sort()).toEqual(['Invoice of ANNA', 'Invoice of PIOTR'])
})
