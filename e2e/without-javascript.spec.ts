import { expect, test } from './fixture/test'

test.use({ locale: 'pl-PL', javaScriptEnabled: false })

test('The card is filled in, refused and saved without JavaScript, and nothing typed is lost', async ({ signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith({ users: { 'anna@acme.test': 'tajne hasło' } })
  const page = await signedInAs('ANNA')
  await page.getByRole('radio', { name: /^SMTP/ }).check()
  await page.getByRole('textbox', { name: 'Serwer poczty mailowej i port' }).fill('poczta.acme.test')
  await page.getByRole('textbox', { name: 'Nazwa użytkownika', exact: true }).fill('anna@acme.test')
  await page.getByLabel('Hasło', { exact: true }).fill('tajne hasło')
  await page.getByRole('textbox', { name: 'Podpis' }).fill('Pozdrawiam, Anna')
  await page.getByRole('button', { name: 'Zapisz ustawienia' }).click()

  await expect(page.getByText('Brakuje portu.')).toBeVisible()
  await expect(page.getByRole('radio', { name: /^SMTP/ })).toBeChecked()
  await expect(page.getByRole('textbox', { name: 'Serwer poczty mailowej i port' })).toHaveValue('poczta.acme.test')
  await expect(page.getByRole('textbox', { name: 'Nazwa użytkownika', exact: true })).toHaveValue('anna@acme.test')
  await expect(page.getByRole('textbox', { name: 'Podpis' })).toHaveValue('Pozdrawiam, Anna')
  await expect(page.getByLabel('Hasło', { exact: true }), 'a password never comes back').toHaveValue('')

  await page.getByRole('textbox', { name: 'Serwer poczty mailowej i port' }).fill(smarthost.server)
  await page.getByRole('combobox', { name: 'SSL/TLS' }).selectOption('StartTLS / SSL / TLS')
  await page.getByLabel('Hasło', { exact: true }).fill('tajne hasło')
  await page.getByRole('button', { name: 'Zapisz ustawienia' }).click()
  await expect(page.getByText('Ustawienia zapisane.')).toBeVisible()
  await page.goto('/settings/user')
  await expect(page.getByRole('textbox', { name: 'Serwer poczty mailowej i port' })).toHaveValue(smarthost.server)

  await page.goto('/test-send')
  await page.getByRole('button', { name: 'Wyślij wiadomość testową' }).click()
  await expect.poll(() => smarthost.received.map(({ username }) => username)).toEqual(['anna@acme.test'])
  await page.goto('/settings/user')
  await page.context().clearCookies()
  await page.getByRole('button', { name: 'Zapisz ustawienia' }).click()
  await expect(page, 'nothing can be asked for beside the form').toHaveURL(/\/login$/)
})
