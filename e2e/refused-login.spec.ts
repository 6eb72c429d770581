import { expect, test } from './fixture/test'

test('A refused login keeps the mail, says who has to act, and the right password sends it', async ({ installation, signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith({ users: { 'anna@acme.test': 'the right one' } })
  const anna = await signedInAs('ANNA')
  const save = async (password: string) => {
    await anna.goto('/settings/user')
    await anna.getByRole('radio', { name: /^SMTP/ }).check()
    await anna.getByRole('textbox', { name: 'Mail server and port' }).fill(smarthost.server)
    await anna.getByRole('textbox', { name: 'Username', exact: true }).fill('anna@acme.test')
    await anna.getByLabel('Password', { exact: true }).fill(password)
    await anna.getByRole('button', { name: 'Save settings' }).click()
    await expect(anna.getByText('Settings saved.')).toBeVisible()
  }
  await save('a wrong one')
  for (const number of [1, 2, 3]) await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: `Invoice ${number}` })
  await expect.poll(() => smarthost.logins.length, { message: 'the engine signs in' }).toBeGreaterThan(0)

  await expect
    .poll(async () => {
      await anna.goto('/outbox?state=waiting')
      return anna.getByRole('link', { name: /^Invoice/ }).count()
    }, 'all three wait')
    .toBe(3)
  await anna
    .getByRole('link', { name: /^Invoice/ })
    .first()
    .click()
  await anna.waitForURL('**/outbox/*')
  await expect(anna.getByRole('main').getByText('the server refused the password.'), 'the page of a message says why it waits').toBeVisible()
  await anna.goto('/settings/user')
  await expect(anna.getByText('5.7.8 Username and Password not accepted').first(), "the server's own words are kept").toBeAttached()
  const tries = smarthost.logins.length
  expect(tries, 'one refusal is enough to stop the queue').toBe(1)

  await anna.goto('/outbox')
  await anna.getByText('Why, and what to do').first().click()
  await anna.getByRole('link', { name: 'Type the password' }).first().click()
  await expect(anna.getByLabel('Password', { exact: true })).toBeFocused()
  await anna.getByLabel('Password', { exact: true }).fill('the right one')
  await anna.getByRole('button', { name: 'Save settings' }).click()
  await expect(anna.getByText('Settings saved.')).toBeVisible()
  await expect.poll(() => smarthost.received.map(({ mail }) => mail.subject).sort()).toEqual(['Invoice 1', 'Invoice 2', 'Invoice 3'])
})
