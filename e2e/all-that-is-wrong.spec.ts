import type { Locator } from '@playwright/test'
import { expect, test } from './fixture/test'

test('A card with two fields wrong is told both at once, and nothing typed is lost', async ({ signedInAs }) => {
  const anna = await signedInAs('ANNA')
  const bcc = anna.getByRole('textbox', { name: 'Blind copy (BCC)' })
  const server = anna.getByRole('textbox', { name: 'Mail server and port' })
  const password = anna.getByRole('textbox', { name: 'Password' })
  await bcc.fill('archive')
  await anna.getByRole('radio', { name: /^SMTP/ }).check()
  await server.fill('smtp.acme.test')
  await anna.getByRole('textbox', { name: 'Username' }).fill('anna@acme.test')
  await anna.getByRole('button', { name: 'Save settings' }).click()
  await isWrong(bcc)
  await isWrong(server)
  await isWrong(password)

  await bcc.fill('')
  await password.fill('letters')
  await anna.getByRole('button', { name: 'Save settings' }).click()
  await expect(bcc).not.toHaveAttribute('aria-invalid')
  await isWrong(server)
  await expect(server).toHaveValue('smtp.acme.test')
  await expect(password).toHaveValue('letters')
})

test('An admin is told all that is wrong with another’s card, a new user and a webhook', async ({ signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/settings/users/ANNA')
  await jan.getByRole('textbox', { name: 'Name', exact: true }).fill('')
  await jan.getByRole('textbox', { name: 'E-mail', exact: true }).fill('acme@event.data.directo.ee')
  await jan.getByRole('button', { name: 'Save settings' }).click()
  await isWrong(jan.getByRole('textbox', { name: 'Name', exact: true }))
  await isWrong(jan.getByRole('textbox', { name: 'E-mail', exact: true }))
  await jan.getByRole('button', { name: 'Undo changes' }).click()

  await jan.goto('/settings/users')
  await jan.getByRole('textbox', { name: 'Code' }).fill('ANNA')
  await jan.getByRole('textbox', { name: 'E-mail', exact: true }).fill('ewa@acme.test')
  await jan.getByRole('button', { name: 'Add the user' }).click()
  await isWrong(jan.getByRole('textbox', { name: 'Name', exact: true }))
  await isWrong(jan.getByRole('textbox', { name: 'Code' }))
  await jan.getByRole('textbox', { name: 'Code' }).fill('')
  await jan.getByRole('textbox', { name: 'E-mail', exact: true }).fill('')

  await jan.goto('/settings/webhooks')
  await jan.getByRole('textbox', { name: 'Address', exact: true }).fill('http://10.0.0.1/')
  for (const event of await jan.getByRole('checkbox').all()) await event.uncheck()
  await jan.getByRole('button', { name: 'Add the webhook' }).click()
  await expect(jan.getByText('Tick at least one event.')).toBeVisible()
  await isWrong(jan.getByRole('textbox', { name: 'Address', exact: true }))
})

const isWrong = (field: Locator) => expect(field).toHaveAttribute('aria-invalid', 'true')
