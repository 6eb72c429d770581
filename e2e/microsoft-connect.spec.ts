import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { clientSecret, expect, goToMicrosoft, signInAtMicrosoft, test } from './fixture/microsoft'

const authenticated = 'Microsoft 365 has been authenticated'

async function sendTest(page: Page) {
  await page.goto('/settings/user')
  await page.getByRole('button', { name: 'Send a test message' }).click()
}

test('A mailbox is connected by consent, a test message arrives, and no secret is found anywhere', async ({ installation, microsoft, signedInAs }) => {
  const anna = await signedInAs('ANNA')
  const answers: string[] = []
  anna.on('response', async response => {
    if (response.url().startsWith(installation.url)) answers.push(JSON.stringify(response.headers()), await response.text().catch(() => ''))
  })
  anna.on('dialog', dialog => dialog.dismiss()) // what is saved before the sign-in is not asked about; else she would stay here
  await goToMicrosoft(anna)
  await expect(anna.getByLabel('Microsoft 365 address'), 'the sign-in name is offered').toHaveValue('anna@acme.test')
  await signInAtMicrosoft(anna, 'anna@acme.test')
  await expect(anna.getByText(authenticated), 'the page opens where it says so').toBeInViewport()
  await sendTest(anna)
  await expect.poll(() => microsoft.smtp.received.length).toBe(1)
  expect(microsoft.smtp.received[0]).toMatchObject({ username: 'anna@acme.test', envelopeSender: 'anna@acme.test', envelopeRecipients: ['anna@acme.test'] })
  await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice 7' })
  await expect.poll(() => microsoft.smtp.received.map(({ mail }) => mail.subject)).toContain('Invoice 7')
  await anna.goto('/settings/user')
  await expect(anna.getByText('Mailbox anna@acme.test, connected')).toBeVisible()

  const database = readdirSync(installation.dataDir)
    .filter(name => name.startsWith('posthorn.db'))
    .map(name => readFileSync(path.join(installation.dataDir, name), 'latin1'))
  const everywhere = [installation.log(), ...answers, ...database].join('\n')
  const codeOf = (secret: string) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')]
  const secrets = [...new Set([clientSecret, ...microsoft.identity.tokens])]
  expect(secrets.length, 'a code, a verifier and three tokens at least').toBeGreaterThan(5)
  const found = secrets.filter(secret => codeOf(secret).some(form => everywhere.includes(form)))
  expect(found).toEqual([])
})

test('A consent that is denied changes nothing, and another mailbox is used only after a yes', async ({ microsoft, signedInAs, installation }) => {
  const anna = await signedInAs('ANNA')
  await goToMicrosoft(anna)
  await signInAtMicrosoft(anna, 'anna@acme.test', 'Cancel')
  await expect(anna.getByText('The consent was not given, so nothing was changed.')).toBeVisible()
  await expect(anna.getByText(authenticated)).toBeHidden()

  await goToMicrosoft(anna)
  await signInAtMicrosoft(anna, 'office@acme.test')
  await expect(anna.getByText('Another mailbox has signed in')).toBeVisible()
  await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice 8' })
  await expect
    .poll(async () => {
      await anna.goto('/outbox?state=waiting')
      return anna.getByRole('link', { name: 'Invoice 8' }).count()
    })
    .toBe(1)
  expect(microsoft.smtp.received).toEqual([])
  await anna.goto('/settings/user')
  await expect(anna.getByText('office@acme.test will sign in to the server')).toBeVisible()
  await anna.getByRole('button', { name: 'Use it anyway' }).click()
  await expect(anna.getByText(authenticated)).toBeVisible()
  await expect
    .poll(() => microsoft.smtp.received.map(({ username, envelopeSender }) => ({ username, envelopeSender })))
    .toEqual([{ username: 'office@acme.test', envelopeSender: 'anna@acme.test' }])
})
