import { expect, test } from './fixture/test'

test.use({ locale: 'pl-PL' })

test('Anna sets up a Gmail mailbox with the app password as Google shows it, in four groups', async ({ installation, signedInAs, smarthostWith }) => {
  const gmail = await smarthostWith({ tls: 'implicit', port: installation.gmailPort, users: { 'anna@acme.test': 'abcdefghijklmnop' } })
  const page = await signedInAs('ANNA')

  await page.goto('/settings/user?preset=gmail')
  await expect(page.getByRole('radio', { name: /^SMTP/ })).toBeChecked()
  await expect(page.getByRole('textbox', { name: 'Serwer poczty mailowej i port' })).toHaveValue(gmail.server)
  await expect(page.getByRole('combobox', { name: 'SSL/TLS' })).toHaveValue('implicit')
  await page.getByRole('textbox', { name: 'Nazwa użytkownika', exact: true }).fill('anna@acme.test')
  await page.getByLabel('Hasło', { exact: true }).fill('abcd efgh ijkl\u00a0mnop')
  await page.getByRole('button', { name: 'Zapisz ustawienia' }).click()
  await expect(page.getByText('Spacje z hasła aplikacji zostały usunięte')).toBeVisible()
  await expect(page.getByLabel('Hasło', { exact: true })).toHaveValue('')

  await page.goto('/test-send')
  await page.getByRole('button', { name: 'Wyślij wiadomość testową' }).click()
  await expect(page.getByText('Serwer przyjął wiadomość.')).toBeVisible()

  expect(gmail.logins.map(({ password }) => password)).toEqual(['abcdefghijklmnop'])
  expect(gmail.received).toHaveLength(1)
  expect(gmail.received[0]).toMatchObject({ envelopeSender: 'anna@acme.test', envelopeRecipients: ['anna@acme.test'], isSecure: true })
  expect(gmail.received[0]?.mail.from?.value).toEqual([{ address: 'anna@acme.test', name: 'Anna Nowak' }])
})

test('The settings on screen are tested before they are saved, blanks of the app password included', async ({ installation, signedInAs, smarthostWith }) => {
  const gmail = await smarthostWith({ tls: 'implicit', port: installation.gmailPort, users: { 'anna@acme.test': 'abcdefghijklmnop' } })
  const page = await signedInAs('ANNA')

  await page.goto('/settings/user?preset=gmail')
  await page.getByRole('textbox', { name: 'Nazwa użytkownika', exact: true }).fill('anna@acme.test')
  await page.getByLabel('Hasło', { exact: true }).fill('abcd efgh ijkl mnop')
  await page.getByRole('button', { name: 'Wyślij wiadomość testową' }).click()
  await expect(page.getByText('Serwer przyjął wiadomość.')).toBeVisible()
  expect(gmail.received).toHaveLength(1)

  await page.goto('/settings/user')
  await expect(page.getByRole('radio', { name: 'Directo', exact: true }), 'a test changes no configuration').toBeChecked()
})
