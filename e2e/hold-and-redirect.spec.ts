import { expect, test } from './fixture/test'

test('An admin holds the mail of the company and lets it go, then has all of it sent to one address, and everybody sees that', async ({
  installation,
  signedInAs,
  smarthostWith,
}) => {
  const smarthost = await smarthostWith()
  const [jan, anna] = [await signedInAs('JAN'), await signedInAs('ANNA')]
  await anna.getByRole('radio', { name: /^SMTP/ }).check()
  await anna.getByRole('textbox', { name: 'Mail server and port' }).fill(smarthost.server)
  await anna.getByRole('combobox', { name: 'SSL/TLS' }).selectOption('starttls')
  await anna.getByRole('button', { name: 'Save settings' }).click()
  await expect(anna.getByText('Settings saved.')).toBeVisible()
  const subjects = () => smarthost.received.map(({ mail }) => mail.subject)

  await jan.goto('/settings/company')
  await jan.getByRole('button', { name: 'Hold all mail' }).click()
  await expect(jan.getByText('Mail is held. Nothing leaves.')).toBeVisible()
  const held = (page: typeof jan) => page.getByRole('complementary', { name: 'Mail is held.' })
  for (const where of ['/outbox', '/test-send', '/settings/user', '/help/gmail']) {
    await anna.goto(where)
    await expect(held(anna), where).toBeVisible()
    await expect(held(anna).getByRole('link'), 'only an admin changes it').toHaveCount(0)
  }
  await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice 1' })
  await anna.goto('/test-send')
  await anna.getByRole('button', { name: 'Send a test message' }).click()
  await expect(anna.getByText('The server accepted the message.')).toBeVisible()
  expect(subjects(), 'a test leaves, an invoice does not').toHaveLength(1)
  await anna.goto('/outbox')
  await anna.getByRole('navigation', { name: 'State' }).getByRole('link', { name: 'Queued 1' }).click()
  await expect(anna.getByRole('row', { name: /Test message/ })).toHaveCount(0)
  await expect(anna.getByRole('row', { name: /Invoice 1/ })).toContainText('All mail is held.')

  await held(jan).getByRole('link', { name: 'Change' }).click()
  await expect(jan.getByText('1 message waits.', { exact: false })).toBeVisible()
  await jan.getByRole('button', { name: 'Let mail go' }).click()
  await expect(jan.getByText('Mail leaves again.')).toBeVisible()
  await expect(held(jan)).toHaveCount(0)
  await expect.poll(subjects).toContain('Invoice 1')

  const everythingTo = jan.getByLabel('Everything to')
  await everythingTo.fill('trial')
  await jan.getByRole('button', { name: 'Redirect', exact: true }).click()
  await expect(everythingTo, 'what is no address is said at its field').toHaveAccessibleDescription(/not an e-mail address/)
  await everythingTo.fill('trial@acme.test')
  await jan.getByRole('button', { name: 'Redirect', exact: true }).click()
  await expect(jan.getByText('Mail queued from now on goes to trial@acme.test.')).toBeVisible()
  await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice 2' })
  await expect.poll(() => smarthost.received.find(({ mail }) => mail.subject === 'Invoice 2')?.envelopeRecipients).toEqual(['trial@acme.test'])
  await anna.goto('/outbox')
  await expect(anna.getByRole('complementary', { name: 'All mail is redirected.' })).toContainText('trial@acme.test')
  await expect(anna.getByRole('row', { name: /Invoice 2/ })).toContainText('Accepted, redirected to trial@acme.test')
  await expect(anna.getByRole('row', { name: /Invoice 1/ })).toContainText('Accepted by the server')
  await anna.getByRole('link', { name: 'Invoice 2' }).click()
  await expect(anna.getByRole('main')).toContainText('Accepted, redirected to trial@acme.test')
  await expect(anna.getByText('buyer@nordhaus.test').first(), 'whom it was written to is kept').toBeVisible()

  await jan.getByRole('button', { name: 'End the redirection' }).click()
  await expect(jan.getByText('Mail queued from now on goes to its recipients.')).toBeVisible()
  await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice 3' })
  await expect.poll(() => smarthost.received.find(({ mail }) => mail.subject === 'Invoice 3')?.envelopeRecipients).toEqual(['buyer@nordhaus.test'])
})
