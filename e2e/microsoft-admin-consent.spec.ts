import type { Page } from '@playwright/test'
import { goToMicrosoft, signInAtMicrosoft } from './fixture/microsoft'
import { expect, test } from './fixture/test'

/** On Microsoft's pages: signs in, and is told that an administrator has to consent first. */
async function isToldToAskAnAdministrator(page: Page, address: string): Promise<URL> {
  await page.getByLabel('Microsoft 365 address').fill(address)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Answer as an organisation whose administrator has to consent' }).click()
  await page.waitForURL('**/settings/user?microsoft365=adminConsentNeeded**')
  return new URL((await page.getByText('/v2.0/adminconsent').textContent()) ?? '')
}

test('An administrator without a login of ours consents by the link, and the person who asked is told', async ({ signedInAs, someone }) => {
  const [anna, administrator] = [await signedInAs('ANNA'), await someone()]
  await goToMicrosoft(anna)
  const link = await isToldToAskAnAdministrator(anna, 'anna@acme.test')
  await expect(anna.getByText('Microsoft wants an administrator’s consent here.')).toBeVisible()

  await administrator.goto(link.href)
  await administrator.getByRole('button', { name: 'Cancel' }).click()
  await expect(administrator.getByText('The administrator’s consent was not given')).toBeVisible()
  await anna.goto('/settings/user')
  await expect(anna.getByText('The administrator consented')).toHaveCount(0)

  const foreign = new URL(link)
  foreign.searchParams.set('state', link.searchParams.get('state')?.replace(/\.[^.]+$/, '.made-up') ?? '')
  await administrator.goto(foreign.href)
  await administrator.getByRole('button', { name: 'Accept' }).click()
  await expect(administrator.getByText('The administrator’s consent was not given'), 'a state that is not ours').toBeVisible()

  await administrator.goto(link.href)
  await expect(administrator.getByText('https://outlook.office.com/SMTP.Send')).toBeVisible()
  await administrator.getByRole('button', { name: 'Accept' }).click()
  await expect(administrator.getByText('The administrator’s consent has been noted.')).toBeVisible()
  await anna.goto('/settings/user')
  await expect(anna.getByText('The administrator consented')).toBeVisible()
  await anna.getByRole('button', { name: 'Authenticate with Microsoft 365' }).click()
  await signInAtMicrosoft(anna, 'anna@acme.test')
  await expect(anna.getByText('Microsoft 365 has been authenticated')).toBeVisible()
  await expect(anna.getByText('The administrator consented')).toHaveCount(0)
})

test('Graph has a link of its own, and one press switches once the administrator has consented', async ({ signedInAs, someone }) => {
  const [anna, administrator] = [await signedInAs('ANNA'), await someone()]
  await anna.getByRole('radio', { name: /^Microsoft 365 OAUTH/ }).check()
  await anna.getByLabel('Microsoft 365 address').fill('smtp-off@acme.test')
  await anna.getByRole('button', { name: 'Authenticate with Microsoft 365' }).click()
  await signInAtMicrosoft(anna, 'smtp-off@acme.test')
  await anna.getByRole('button', { name: 'Send a test message' }).click()
  await anna.getByRole('link', { name: 'Send over Microsoft Graph instead' }).click()
  const link = await isToldToAskAnAdministrator(anna, 'smtp-off@acme.test')
  expect(link.searchParams.get('scope')).toMatch(/\/Mail\.Send$/)

  await administrator.goto(link.href)
  await administrator.getByRole('button', { name: 'Accept' }).click()
  await expect(administrator.getByText('The administrator’s consent has been noted.')).toBeVisible()
  await anna.goto('/settings/user')
  await anna.getByRole('link', { name: 'Send over Microsoft Graph' }).click()
  await signInAtMicrosoft(anna, 'smtp-off@acme.test')
  await expect(anna.getByText('Mail leaves over Microsoft Graph')).toBeVisible()
  const route = anna.getByText('graph.microsoft.com, Microsoft Graph')
  await expect(route, 'the fields and the route name where mail goes').toHaveCount(2)
  await expect(anna.getByText('smtp.office365.com:587')).toHaveCount(0)
})
