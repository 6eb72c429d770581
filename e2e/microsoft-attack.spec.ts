import type { Page } from '@playwright/test'
import { expect, goToMicrosoft, signInAtMicrosoft, test } from './fixture/microsoft'

const notYours = /was not begun in this browser/

/** The address at which Microsoft leads back, visited by a browser that is signed in nowhere: so it is still unused. */
async function callbackOf(page: Page, address: string): Promise<string> {
  let callback = ''
  page.on('request', request => {
    if (request.url().includes('/oauth/microsoft/callback?')) callback = request.url()
  })
  await goToMicrosoft(page)
  await page.getByLabel('Microsoft 365 address').fill(address)
  await page.getByRole('button', { name: 'Next' }).click()
  await expect(page.getByRole('button', { name: 'Accept' })).toBeVisible()
  await page.context().clearCookies({ name: /next-auth/ })
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.waitForURL('**/login')
  return callback
}

test("An attacker's link hangs neither the attacker's mailbox on the victim's card nor the reverse", async ({ signedInAs, microsoft }) => {
  const [anna, piotr] = [await signedInAs('ANNA'), await signedInAs('PIOTR')]
  const attackers = await callbackOf(piotr, 'piotr@acme.test')
  await anna.goto(attackers)
  await expect(anna.getByText(notYours), 'the attacker’s sign-in in the victim’s browser').toBeAttached()

  const again = await signedInAs('PIOTR')
  let toMicrosoft = ''
  again.on('request', request => {
    if (request.url().includes('/oauth2/v2.0/authorize?')) toMicrosoft = request.url()
  })
  await goToMicrosoft(again)
  await anna.goto(toMicrosoft)
  await signInAtMicrosoft(anna, 'anna@acme.test')
  await expect(anna.getByText(notYours), 'the victim’s consent under the attacker’s sign-in').toBeAttached()

  for (const page of [anna, again]) {
    await page.goto('/settings/user')
    await expect(page.getByText('Microsoft 365 has been authenticated')).toBeHidden()
  }
  expect(microsoft.identity.tokens.length, 'no code was redeemed').toBe(1)

  await anna.goto('data:text/html,<a href="http://evil.test">x</a>')
  await anna.evaluate(url => window.location.assign(url), `${new URL(attackers).origin}/oauth/microsoft/authorize?card=ANNA`)
  await anna.waitForURL('**/settings/user')
  await expect(anna.getByRole('heading', { level: 1 }), 'another page’s link begins nothing').toBeVisible()
})

test('A callback that is visited again stores nothing and loses nothing', async ({ signedInAs }) => {
  const anna = await signedInAs('ANNA')
  let callback = ''
  anna.on('request', request => {
    if (request.url().includes('/oauth/microsoft/callback')) callback = request.url()
  })
  await goToMicrosoft(anna)
  await signInAtMicrosoft(anna, 'anna@acme.test')
  await expect(anna.getByText('Microsoft 365 has been authenticated')).toBeVisible()
  await anna.goto(callback)
  await expect(anna.getByText(notYours)).toBeVisible()
  await expect(anna.getByText('Microsoft 365 has been authenticated'), 'the connection stands').toBeVisible()
})
