import { startInstallation } from './fixture/installation'
import { test as base, expect } from './fixture/test'

const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures wanted from this pattern
  installation: async ({}, use) => {
    const installation = await startInstallation({ isNew: true, environment: { RELAY_URL: 'smtp://relay.platform.test:25' } })
    await use(installation)
    await installation.stop()
  },
})

test('The first visitor is told everything that is wrong at once, the code too, and then is in', async ({ page, installation }) => {
  const field = (name: string) => page.getByRole('textbox', { name, exact: true })
  await page.goto('/setup')
  await field('Code').fill('of-an-earlier-start')
  await field('Company name').fill('Initech OÜ')
  await field('Short name').fill('Initech')
  await field('E-mail').fill('mari')
  await page.getByRole('button', { name: 'Create the company' }).click()
  for (const name of ['Code', 'Name', 'User code', 'E-mail', 'Password']) await expect(field(name), name).toHaveAttribute('aria-invalid', 'true')
  await expect(field('Code')).toHaveAccessibleDescription(/not the code that the server printed/)
  await expect(field('Company name')).toHaveValue('Initech OÜ')

  await field('Code').fill(String(installation.setupCode))
  await field('Short name').fill('initech')
  await field('Name').fill('Mari Maasikas')
  await field('User code').fill('MARI')
  await field('E-mail').fill('mari@event.data.directo.ee')
  await page.getByRole('button', { name: 'Create the company' }).click()
  await expect(field('Code')).not.toHaveAttribute('aria-invalid')
  for (const name of ['E-mail', 'Password'])
    await expect(field(name), `${name}: one for the domain, the other for its length`).toHaveAttribute('aria-invalid', 'true')

  await field('E-mail').fill('mari@initech.test')
  await field('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Create the company' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'User' })).toBeVisible()
})
