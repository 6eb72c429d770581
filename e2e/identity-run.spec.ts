import { expect, test } from './fixture/test'

test('Jan sees on his card whose From his server refuses, and with one press mail of all of them leaves', async ({ signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith({
    users: { 'office@acme.test': 'sesam' },
    dataReply: ({ mail }) => {
      const from = mail.from?.value[0]?.address
      return from === 'office@acme.test' ? null : { code: 550, text: `5.7.1 <${from}>: Sender address rejected: not owned by user office@acme.test` }
    },
  })
  const page = await signedInAs('JAN')
  await page.getByRole('radio', { name: /^SMTP/ }).check()
  await page.getByRole('textbox', { name: 'Mail server and port' }).fill(smarthost.server)
  await page.getByRole('textbox', { name: 'Username', exact: true }).fill('office@acme.test')
  await page.getByLabel('Password', { exact: true }).fill('sesam')
  await page.getByRole('button', { name: 'Save settings' }).click()
  await expect(page.getByText('Settings saved.')).toBeVisible()
  await page.goto('/settings/company')
  await page.getByLabel('Mail sending user code').fill('JAN')
  await page.getByRole('button', { name: 'Save whose settings apply' }).click()
  await expect(page.getByText('Saved.')).toBeVisible()

  await page.goto('/settings/user')
  const row = (code: string) => page.getByRole('row', { name: new RegExp(`^${code} `) })
  await expect(row('ANNA')).toContainText('anna@acme.test')
  await expect(row('ANNA')).toContainText('envelope sender office@acme.test')
  await page.getByRole('button', { name: 'Send a test as each of them' }).click()
  await expect(page.getByText(/3 of 3 were refused/)).toBeVisible({ timeout: 30_000 })
  for (const code of ['JAN', 'ANNA', 'PIOTR']) await expect(row(code)).toContainText('not owned by user office@acme.test')
  expect(smarthost.received).toEqual([])

  await page.getByRole('button', { name: 'Send for everybody as the mailbox that signs in' }).click()
  await expect(row('ANNA')).toContainText('answers to anna@acme.test')
  await expect(row('ANNA'), 'what was said of the old From says nothing of the new one').toContainText('not tried yet')
  await page.getByRole('button', { name: 'Send a test as each of them' }).click()
  await expect(page.getByText(/All 3 were accepted/)).toBeVisible({ timeout: 30_000 })
  expect(smarthost.received.map(({ mail }) => `${mail.from?.value[0]?.address}, ${mail.replyTo?.value[0]?.address}`).sort()).toEqual([
    'office@acme.test, anna@acme.test',
    'office@acme.test, jan@acme.test',
    'office@acme.test, piotr@acme.test',
  ])
})
