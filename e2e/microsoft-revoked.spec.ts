import { expect, goToMicrosoft, signInAtMicrosoft, test } from './fixture/microsoft'

const count = 100

test('A consent is revoked while 100 messages wait; connecting again sends exactly those', async ({ installation, microsoft, signedInAs }) => {
  const anna = await signedInAs('ANNA')
  microsoft.identity.tokenLifetimeSeconds = 100 // worn out at once: each use asks for another
  await goToMicrosoft(anna)
  await anna.getByLabel('Microsoft 365 address').fill('anna@acme.test')
  await anna.getByRole('button', { name: 'Next' }).click()
  await anna.getByRole('button', { name: 'Answer as an organisation whose administrator has to consent' }).click()
  await expect(anna.getByText('/v2.0/adminconsent')).toBeVisible()
  await goToMicrosoft(anna)
  await signInAtMicrosoft(anna, 'anna@acme.test')
  microsoft.identity.tokenLifetimeSeconds = 3600
  microsoft.identity.refuse('anna@acme.test', { error: 'invalid_grant', description: 'AADSTS50173: The provided grant has expired due to it being revoked.' })
  await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice', count })

  await expect
    .poll(async () => {
      await anna.goto('/settings/user')
      return anna.getByText('Microsoft asks you to sign in again').count()
    })
    .toBeGreaterThan(0)
  await expect(anna.getByText('AADSTS50173').first(), 'the cause is there').toBeAttached()
  await expect(anna.getByText('/v2.0/adminconsent'), 'she has connected since').toHaveCount(0)
  expect(microsoft.smtp.received).toEqual([])
  await anna.goto('/outbox')
  await anna.getByRole('link', { name: 'Reconnect and send 100 waiting' }).click()
  await anna.waitForURL('**/settings/user#microsoft365')
  await anna.getByRole('link', { name: 'Reconnect' }).first().click()
  await signInAtMicrosoft(anna, 'anna@acme.test')
  await expect.poll(() => microsoft.smtp.received.length, { timeout: 30_000 }).toBe(count)
  const subjects = microsoft.smtp.received.map(({ mail }) => mail.subject)
  expect(new Set(subjects).size, 'each once').toBe(count)
  await anna.goto('/outbox?state=waiting')
  await expect(anna.getByRole('link', { name: /^Invoice/ })).toHaveCount(0)
})
