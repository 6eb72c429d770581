import { expect, test } from './fixture/test'

test('A wrong password is explained in the console, and shown nowhere', async ({ installation, signedInAs, smarthostWith }) => {
  const wrong = 'Tr0ub4dor-and-3'
  const smarthost = await smarthostWith({ users: { 'anna@acme.test': 'the right one' } })
  const page = await signedInAs('ANNA')
  await page.getByRole('radio', { name: /^SMTP/ }).check()
  await page.getByRole('textbox', { name: 'Mail server and port' }).fill(smarthost.server)
  await page.getByRole('textbox', { name: 'Username', exact: true }).fill('anna@acme.test')
  await page.getByLabel('Password', { exact: true }).fill(wrong)
  await page.getByRole('button', { name: 'Save settings' }).click()
  await expect(page.getByText('Settings saved.')).toBeVisible()

  await page.goto('/test-send')
  await page.getByRole('button', { name: 'Send a test message' }).click()
  await expect(page.getByText('The conversation stopped at signing in.')).toBeVisible()
  await expect(page.getByText('The server does not know this username and password')).toBeVisible()
  await expect(page.getByText('credentials hidden').first()).toBeVisible()
  await expect(page.getByText('5.7.8 Username and Password not accepted').first()).toBeVisible()

  expect(smarthost.logins).toMatchObject([{ username: 'anna@acme.test', password: wrong, isSecure: true }])
  expect(smarthost.received).toEqual([])
  const places = { page: await page.content(), card: await (await page.request.get('/settings/user')).text(), log: installation.log() }
  const forms = [wrong, Buffer.from(wrong).toString('base64'), Buffer.from(`\0anna@acme.test\0${wrong}`).toString('base64')]
  for (const [place, text] of Object.entries(places)) for (const form of forms) expect(text.includes(form), `the password is in the ${place}`).toBe(false)
})
