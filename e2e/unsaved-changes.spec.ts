import type { Page } from '@playwright/test'
import { expect, test } from './fixture/test'

const question = (page: Page) => page.getByRole('alertdialog', { name: 'Your changes are not saved' })
const menu = (page: Page, name: string) => page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name, exact: true })

test('What is typed on a card is not lost by following a link, going back or reloading: one is asked first', async ({ signedInAs }) => {
  const anna = await signedInAs('ANNA')
  await menu(anna, 'Test send').click()
  await anna.waitForURL('**/test-send')
  await menu(anna, 'User').click()
  await anna.waitForURL('**/settings/user')
  const signature = anna.getByRole('textbox', { name: 'Signature' })
  await signature.fill('Anna Nowak, accounts')

  await menu(anna, 'Test send').click()
  await question(anna).getByRole('button', { name: 'Stay on the page' }).click()
  await expect(signature).toHaveValue('Anna Nowak, accounts')
  await expect(menu(anna, 'Test send'), 'where one was').toBeFocused()

  await anna.evaluate(() => history.back())
  await expect(question(anna)).toBeVisible()
  await anna.keyboard.press('Escape')
  await expect(question(anna)).toBeHidden()
  await expect(anna).toHaveURL(/\/settings\/user$/)

  const asked = anna.waitForEvent('dialog')
  await anna.evaluate(() => setTimeout(() => location.reload()))
  const inBrowser = await asked
  expect(inBrowser.type()).toBe('beforeunload')
  await inBrowser.dismiss()
  await expect(signature).toHaveValue('Anna Nowak, accounts')

  await anna.getByRole('button', { name: 'Sign out' }).click()
  await question(anna).getByRole('button', { name: 'Stay on the page' }).click()

  await anna.evaluate(() => history.back())
  await question(anna).getByRole('button', { name: 'Leave without saving' }).click()
  await anna.waitForURL('**/test-send')
  await menu(anna, 'User').click()
  await expect(signature).toHaveValue('')
})

test('Nobody is asked for what is saved, undone, put back or never saved, nor by a link that opens elsewhere', async ({ signedInAs }) => {
  const anna = await signedInAs('ANNA')
  const leaves = async (why: string) => {
    await menu(anna, 'Outbox').click()
    await expect(anna, why).toHaveURL(/\/outbox$/)
    await menu(anna, 'User').click()
    await expect(anna).toHaveURL(/\/settings\/user$/)
  }
  const signature = anna.getByRole('textbox', { name: 'Signature' })
  await anna.getByRole('radio', { name: /^SMTP/ }).check()
  await anna.getByRole('radio', { name: 'Directo', exact: true }).check()
  await signature.fill('Anna')
  await signature.fill('')
  await leaves('all is as it was')

  await anna.getByRole('textbox', { name: 'Recipient' }).fill('buyer@nordhaus.test')
  await leaves('whom a test goes to is not saved')

  await signature.fill('Anna')
  await anna.getByRole('radio', { name: /^SMTP/ }).check()
  await anna.getByRole('combobox', { name: 'SSL/TLS' }).selectOption('SSL')
  await anna.getByRole('button', { name: 'Undo changes' }).click()
  await expect(signature).toHaveValue('')
  await leaves('undone')
  await signature.fill('Anna')
  await anna.getByRole('radio', { name: /^SMTP/ }).check()
  await anna.getByRole('combobox', { name: 'SSL/TLS' }).selectOption('SSL')
  await anna.getByRole('button', { name: 'Undo changes' }).click()
  await expect(anna.getByRole('radio', { name: 'Directo', exact: true })).toBeChecked()
  await anna.getByRole('radio', { name: /^SMTP/ }).check()
  await expect(anna.getByRole('combobox', { name: 'SSL/TLS' })).toHaveValue('starttls')
  await anna.getByRole('radio', { name: 'Directo', exact: true }).check()
  await leaves('what was undone is as it was')

  await anna.getByRole('radio', { name: /^Directo-Reply-to/ }).check()
  await signature.fill('Anna Nowak')
  await anna.getByRole('button', { name: 'Save settings' }).click()
  await expect(anna.getByText('Settings saved.')).toBeVisible()
  await leaves('saved')

  await signature.fill('Anna')
  await anna.getByRole('button', { name: 'Undo changes' }).click()
  await expect(signature).toHaveValue('Anna Nowak')
  await expect(anna.getByRole('radio', { name: /^Directo-Reply-to/ })).toBeChecked()

  await anna.getByRole('radio', { name: /^SMTP/ }).check()
  await anna.getByRole('button', { name: 'Save settings' }).click()
  const refused = anna.getByText('Correct the marked fields and try again.')
  await expect(refused).toBeVisible()
  await anna.getByRole('button', { name: 'Undo changes' }).click()
  await expect(refused, 'nothing is marked any more').toBeHidden()
  await anna.getByRole('radio', { name: /^SMTP/ }).check()
  await expect(anna.locator('[aria-invalid]')).toHaveCount(0)
  await anna.getByRole('button', { name: 'Undo changes' }).click()

  await signature.fill('Anna')
  await menu(anna, 'Help').click({ modifiers: ['Control'] })
  await expect(question(anna)).toBeHidden()
})

test('On a phone, who stays after a link of the menu is at the menu’s button', async ({ signedInAs }) => {
  const anna = await signedInAs('ANNA')
  await anna.setViewportSize({ width: 360, height: 780 })
  await anna.getByRole('textbox', { name: 'Signature' }).fill('Anna Nowak, accounts')
  await anna.getByRole('button', { name: 'Menu', exact: true }).click()
  await menu(anna, 'Test send').click()
  await question(anna).getByRole('button', { name: 'Stay on the page' }).click()
  await expect(anna.getByRole('button', { name: 'Menu', exact: true }), 'the menu has closed, and its link cannot be where one was').toBeFocused()
})

test('The company’s settings and a webhook being added ask, too', async ({ signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/settings/company')
  await jan.getByRole('radio', { name: /^Nothing/ }).check()
  await menu(jan, 'Users').click()
  await question(jan).getByRole('button', { name: 'Leave without saving' }).click()
  await jan.waitForURL('**/settings/users')
  await jan.goto('/settings/webhooks')
  await jan.getByRole('textbox', { name: 'Address', exact: true }).fill('https://acme.test/')
  await menu(jan, 'Users').click()
  await expect(question(jan)).toBeVisible()
})
