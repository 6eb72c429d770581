import { Webhook as Verifier } from 'standardwebhooks'
import { startReceiver } from '../lib/testing/webhook-receiver'
import { expect, test } from './fixture/test'

test('A program hears of the company’s mail: an admin adds its address, tries it, finds each answer and deletes it', async ({ installation, signedInAs }) => {
  await using receiver = await startReceiver()
  const jan = await signedInAs('JAN')
  await jan.getByRole('link', { name: 'Webhooks' }).click()
  await jan.waitForURL('**/settings/webhooks')
  const expiring = jan.getByRole('checkbox', { name: 'A sign-in is about to expire' })
  await expiring.uncheck()
  await jan.getByRole('textbox', { name: 'Address', exact: true }).fill('http://10.0.0.1/')
  await jan.getByRole('button', { name: 'Add the webhook' }).click()
  await expect(jan.getByText('The address must begin with https://.')).toBeVisible()
  await expect(expiring, 'what was left out stays left out').not.toBeChecked()
  await jan.getByRole('textbox', { name: 'Address', exact: true }).fill(receiver.url)
  await jan.getByRole('button', { name: 'Add the webhook' }).click()
  const secret = await jan.getByText(/^whsec_/).innerText()

  await jan.getByRole('link', { name: 'Open the webhook' }).click()
  await expect(jan.getByText(secret), 'shown once').toHaveCount(0)
  await expect(expiring).not.toBeChecked()
  const cancelled = jan.getByRole('checkbox', { name: 'It was cancelled' })
  await cancelled.uncheck()
  await jan.getByRole('textbox', { name: 'Address', exact: true }).fill('http://10.0.0.1/')
  await jan.getByRole('button', { name: 'Save' }).click()
  await expect(jan.getByText('The address must begin with https://.')).toBeVisible()
  await expect(cancelled, 'and here').not.toBeChecked()
  await jan.getByRole('textbox', { name: 'Address', exact: true }).fill(receiver.url)
  await jan.getByRole('button', { name: 'Save' }).click()
  await expect(jan.getByText('Saved.')).toBeVisible()
  await expect(cancelled).not.toBeChecked()
  await jan.getByRole('button', { name: 'Send a test event' }).click()
  const log = jan.getByRole('region', { name: 'Log' })
  await expect(log.getByText(/Delivered\./)).toBeVisible()

  receiver.answer(response => void response.writeHead(500).end('no disk space'))
  await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice 7' })
  await expect.poll(() => receiver.received.length).toBeGreaterThan(1)
  const told = receiver.received.map(({ headers, body }) => new Verifier(secret).verify(body, headers as Record<string, string>))
  expect(told.slice(0, 2)).toMatchObject([{ type: 'webhook.test' }, { type: 'message.queued', data: { user: 'ANNA' } }])
  await expect
    .poll(async () => {
      await jan.reload()
      return jan.getByText('One try failed.').count()
    })
    .toBeGreaterThan(0)
  await log.getByText('A message is queued').click()
  await expect(jan.getByText('no disk space').filter({ visible: true })).toHaveCount(1)

  await jan.getByText('Delete the webhook').click()
  await jan.getByRole('button', { name: 'Delete for good' }).click()
  await expect(jan.getByText('The webhook is deleted, with its log.')).toBeVisible()

  const anna = await signedInAs('ANNA')
  await expect(anna.getByRole('link', { name: 'Webhooks' })).toHaveCount(0)
  expect((await anna.goto('/settings/webhooks'))?.status(), 'not for users').toBe(404)
})
