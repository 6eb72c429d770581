import { expect, test } from './fixture/test'

test.use({ viewport: { width: 360, height: 780 } })

test('On a phone no state of the outbox is cut off, and all messages of a page are picked at once', async ({ installation, signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/settings/company')
  await jan.getByRole('button', { name: 'Hold all mail' }).click()
  await expect(jan.getByText('Mail is held. Nothing leaves.')).toBeVisible()
  await installation.queueDocument({ code: 'JAN', to: 'buyer@nordhaus.test', subject: 'Invoice', count: 2 })

  await jan.goto('/outbox')
  const states = jan.getByRole('navigation', { name: 'State' }).getByRole('link')
  await expect(states.filter({ hasText: /^Queued/ })).toBeVisible()
  for (const state of await states.all()) await expect(state).toBeInViewport({ ratio: 0.9 })

  const messages = jan.getByRole('checkbox', { name: /^Select: / })
  await jan.getByText('Select all on this page').click()
  for (const message of await messages.all()) await expect(message).toBeChecked()
  await jan.getByRole('checkbox', { name: 'Select all on this page' }).uncheck()
  await expect(messages.first()).not.toBeChecked()
})
