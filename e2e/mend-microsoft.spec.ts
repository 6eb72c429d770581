import type { Page } from '@playwright/test'
import { expect, goToMicrosoft, signInAtMicrosoft, test } from './fixture/microsoft'
import { openWhy } from './fixture/outbox'

const mailbox = 'anna@acme.test'

async function connect(page: Page): Promise<void> {
  await goToMicrosoft(page)
  await signInAtMicrosoft(page, mailbox)
  await expect(page.getByText('Microsoft 365 has been authenticated')).toBeVisible()
}

/** Presses *Copy* beside a text, and gives what lies on the clipboard then. */
async function copy(page: Page, label: string): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page
    .getByRole('button', { name: `Copy ${label}` })
    .first()
    .click()
  return page.evaluate(() => navigator.clipboard.readText())
}

test('SMTP is switched off for the mailbox: the line for the administrator is copied with its address, run, and mail leaves', async ({
  microsoft: { smtp },
  signedInAs,
}) => {
  const anna = await signedInAs('ANNA')
  await connect(anna)
  smtp.behave({
    authReply: {
      code: 535,
      text: '5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled',
    },
  })
  await anna.goto('/test-send')
  await anna.getByRole('button', { name: 'Send a test message' }).click()
  await expect(anna.getByRole('heading', { name: 'Authenticated SMTP is switched off for this mailbox' })).toBeVisible()
  const line = await copy(anna, 'For the administrator of Microsoft 365 (PowerShell):')
  expect(line).toBe(`Set-CASMailbox -Identity '${mailbox}' -SmtpClientAuthenticationDisabled $false`)
  smtp.behave({ authReply: undefined }) // the administrator has run just that
  await anna.goto('/test-send')
  await anna.getByRole('button', { name: 'Send a test message' }).click()
  await expect(anna.getByText('The server accepted the message.')).toBeVisible()
  expect(smtp.received).toHaveLength(1)
})

test('A consent has ended: the button of the explanation leads to Microsoft, and the mail that waited leaves', async ({
  installation,
  microsoft: { identity, smtp },
  signedInAs,
}) => {
  const anna = await signedInAs('ANNA')
  identity.tokenLifetimeSeconds = 100 // worn out at once: each use asks for another
  await connect(anna)
  identity.tokenLifetimeSeconds = 3600
  identity.refuse(mailbox, { error: 'invalid_grant', description: 'AADSTS50173: The provided grant has expired due to it being revoked.' })
  await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice 9' })
  await openWhy(anna)
  await expect(anna.getByText('Press “Reconnect” and sign in').first()).toBeVisible()
  await anna.getByRole('link', { name: 'Reconnect', exact: true }).first().click()
  await signInAtMicrosoft(anna, mailbox)
  await expect.poll(() => smtp.received.map(({ mail }) => mail.subject)).toEqual(['Invoice 9'])
})

test('An administrator has to consent: the link is copied, opened by them, and the mail that waited leaves', async ({
  installation,
  microsoft: { identity, smtp },
  signedInAs,
  someone,
}) => {
  const anna = await signedInAs('ANNA')
  identity.tokenLifetimeSeconds = 100
  await connect(anna)
  identity.tokenLifetimeSeconds = 3600
  identity.refuse(mailbox, { error: 'invalid_grant', description: 'AADSTS90094: The grant requires administrator permission.' })
  await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice 10' })
  const title = anna.getByRole('heading', { name: 'In this organisation an administrator has to consent' })
  await expect
    .poll(async () => {
      await anna.goto('/settings/user')
      return title.count()
    })
    .toBe(1)
  const explanation = anna.getByRole('region').filter({ has: title })
  const letter = await explanation.getByRole('link', { name: 'Write to the administrator' }).getAttribute('href')
  const link = await copy(anna, 'Link for the Microsoft 365 administrator')
  expect(link).toContain('/v2.0/adminconsent?')
  expect(decodeURIComponent(letter ?? ''), 'the letter holds it, too').toContain(link)

  const admin = await someone()
  await admin.goto(link)
  await admin.getByRole('button', { name: 'Accept' }).click()
  await admin.waitForURL(`${installation.url}/**`)
  await explanation.getByRole('link', { name: 'Reconnect', exact: true }).click()
  await signInAtMicrosoft(anna, mailbox)
  await expect.poll(() => smtp.received.map(({ mail }) => mail.subject)).toEqual(['Invoice 10'])
})
