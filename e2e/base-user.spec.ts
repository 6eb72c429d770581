import type { Page } from '@playwright/test'
import { expect, test } from './fixture/test'

test.use({ locale: 'pl-PL' })

const users = { 'jan@acme.test': 'hasło Jana', 'anna.nowak': 'hasło Anny' }

test("The company's server is the base user's, and a user sends over it with her own login", async ({ signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith({ users })
  const jan = await signedInAs('JAN')
  await saveSmtp(jan, { server: smarthost.server, username: 'jan@acme.test', password: 'hasło Jana' })
  await jan.goto('/settings/company')
  await jan.getByLabel('Kod użytkownika wysyłającego e-mail').fill('JAN')
  await jan.getByRole('radio', { name: /^Wszystko/ }).check()
  await jan.getByRole('button', { name: 'Zapisz, czyje ustawienia obowiązują' }).click()
  await expect(jan.getByText('Zapisano.')).toBeVisible()

  const anna = await signedInAs('ANNA')
  await expect(anna.getByRole('radio', { name: /^Jak wysyła firma \(JAN\)/ })).toBeChecked()
  await saveSmtp(anna, { server: '', username: 'anna.nowak', password: 'hasło Anny' })

  const piotr = await signedInAs('PIOTR')
  for (const page of [jan, anna, piotr]) await sendTest(page)
  await piotr.goto('/settings/user')
  await piotr.getByRole('radio', { name: /^SMTP/ }).check()
  await piotr.getByRole('textbox', { name: 'Serwer poczty mailowej i port' }).fill('no-such-server.acme.invalid:587')
  await piotr.getByRole('button', { name: 'Wyślij wiadomość testową' }).click()
  await expect(piotr.getByRole('heading', { name: 'Nie ma serwera o tej nazwie' })).toBeVisible()
  await expect(piotr.getByText('Naprawia to'), 'what he typed himself he mends himself, not the base user').toHaveCount(0)

  expect(smarthost.received.map(({ username, envelopeSender, mail }) => ({ username, envelopeSender, from: mail.from?.text }))).toEqual([
    { username: 'jan@acme.test', envelopeSender: 'jan@acme.test', from: '"Jan Kowalski" <jan@acme.test>' },
    { username: 'anna.nowak', envelopeSender: 'anna@acme.test', from: '"Anna Nowak" <anna@acme.test>' },
    { username: 'jan@acme.test', envelopeSender: 'jan@acme.test', from: '"Piotr Wiśniewski" <piotr@acme.test>' },
  ])
})

test("When the base user's server changes, own logins wait until their password is typed again", async ({ signedInAs, smarthostWith }) => {
  const [before, after] = [await smarthostWith({ users }), await smarthostWith({ users })]
  const jan = await signedInAs('JAN')
  await saveSmtp(jan, { server: before.server, username: 'jan@acme.test', password: 'hasło Jana' })
  await jan.goto('/settings/company')
  await jan.getByLabel('Kod użytkownika wysyłającego e-mail').fill('JAN')
  await jan.getByRole('button', { name: 'Zapisz, czyje ustawienia obowiązują' }).click()
  await expect(jan.getByText('Zapisano.')).toBeVisible()
  const anna = await signedInAs('ANNA')
  await saveSmtp(anna, { server: '', username: 'anna.nowak', password: 'hasło Anny' })
  await sendTest(anna)
  expect(before.received).toHaveLength(1)

  await saveSmtp(jan, { server: after.server, username: 'jan@acme.test', password: 'hasło Jana' })

  await anna.goto('/settings/user')
  await expect(anna.getByText(/trzeba wpisać/).first()).toBeVisible()
  await anna.goto('/test-send')
  await expect(anna.getByText(/trzeba wpisać/).first()).toBeVisible()
  expect(after.logins, "Anna's password was given for another server, so it was not sent to this one").toEqual([])

  await saveSmtp(anna, { server: '', username: 'anna.nowak', password: 'hasło Anny' })
  await sendTest(anna)
  expect(after.received).toMatchObject([{ username: 'anna.nowak', envelopeSender: 'anna@acme.test' }])
})

test('A base user whom nobody can follow yet is refused before it is saved', async ({ signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/settings/company')
  const code = jan.getByLabel('Kod użytkownika wysyłającego e-mail')
  const after = jan.getByRole('complementary', { name: 'Kto korzysta z ustawień' })
  await code.fill('ANNA')
  await expect(code).toHaveAccessibleDescription(
    'Przez ANNA inni nie mogą jeszcze wysyłać. Potrzebny jest na tej karcie kompletny SMTP, połączony Microsoft 365 albo Directo-Reply-to.',
  )
  await expect(after).toContainText('Tego nie da się tak zapisać')
  await code.fill('nowa')
  await expect(code, 'a name is searched').toHaveAccessibleDescription(/^Puste/)
  await code.blur()
  await expect(code).toHaveAccessibleDescription('Nie ma tu użytkownika z takim kodem.')
  await code.fill('')
  await expect(code).toHaveAccessibleDescription(/^Puste/)
  await expect(after).toContainText('Tak samo jak teraz')
})

async function saveSmtp(page: Page, { server, username, password }: { server: string; username: string; password: string }) {
  await page.goto('/settings/user')
  await page.getByRole('radio', { name: /^SMTP/ }).check()
  await page.getByRole('textbox', { name: 'Serwer poczty mailowej i port' }).fill(server)
  if (server) await page.getByRole('combobox', { name: 'SSL/TLS' }).selectOption('StartTLS / SSL / TLS')
  await page.getByRole('textbox', { name: 'Serwer poczty mailowej i port' }).fill(server)
  await page.getByRole('textbox', { name: 'Nazwa użytkownika', exact: true }).fill(username)
  await page.getByLabel('Hasło', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Zapisz ustawienia' }).click()
  await expect(page.getByText('Ustawienia zapisane.')).toBeVisible()
}

async function sendTest(page: Page) {
  await page.goto('/test-send')
  await page.getByRole('button', { name: 'Wyślij wiadomość testową' }).click()
  await expect(page.getByText('Serwer przyjął wiadomość.')).toBeVisible()
}
