import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixture/test'

test('A page that is long in coming is told at the link that leads to it', async ({ installation, signedInAs }) => {
  const jan = await signedInAs('JAN')
  await installation.queueDocument({ code: 'JAN', to: 'buyer@nordhaus.test', subject: 'Invoice 17' })
  const menu = jan.getByRole('navigation', { name: 'Menu' })

  await isToldAt(jan, menu.getByRole('link', { name: /^Outbox/ }))
  await expect(jan).toHaveURL(/\/outbox$/)
  await isToldAt(jan, jan.getByRole('navigation', { name: 'State' }).getByRole('link', { name: /^Refused/ }))
  await expect(jan).toHaveURL(/state=refused/)
  await menu.getByRole('link', { name: /^Outbox/ }).click()
  await isToldAt(jan, jan.getByRole('link', { name: /^Invoice 17/ }))
  await expect(jan.getByRole('heading', { level: 1, name: 'Invoice 17' })).toBeVisible()
})

test('A search that takes long is told in its field', async ({ signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/outbox')
  const search = jan.getByRole('search')
  await search.getByRole('searchbox').fill('nothing like this')
  const letGo = await hold(jan)
  await search.getByRole('searchbox').press('Enter')
  await expect(search.getByText('Loading…')).toBeAttached()
  letGo()
  await expect(jan.getByRole('heading', { name: 'No message matches' })).toBeVisible()
  await expect(search.getByText('Loading…')).toHaveCount(0)
  await expect(search.getByRole('searchbox')).toHaveValue('nothing like this')
})

test('On a phone the menu stays until the page is there, and then closes', async ({ signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.setViewportSize({ width: 360, height: 780 })
  const menu = jan.getByRole('navigation', { name: 'Menu' })
  const openMenu = () => jan.getByRole('button', { name: 'Menu', exact: true }).click()
  for (const [link, url] of [
    [menu.getByRole('link', { name: 'System settings' }), '**/settings/company'],
    [menu.getByRole('link', { name: /Jan Kowalski/ }), '**/settings/user'],
  ] as const) {
    await openMenu()
    await isToldAt(jan, link)
    await jan.waitForURL(url)
    await expect(menu).toBeHidden()
  }
  await openMenu()
  await menu.getByRole('link', { name: 'User', exact: true }).click()
  await expect(menu, 'who is there already sees the page').toBeHidden()
})

/** Clicks, and sees that the link says it is loading while the server's answer is held, and no longer when it has come. */
async function isToldAt(page: Page, link: Locator): Promise<void> {
  const letGo = await hold(page)
  await link.click()
  await expect(link.getByText('Loading…')).toBeAttached()
  letGo()
  await expect(page.getByText('Loading…')).toHaveCount(0)
}

const isPage = (url: URL) => url.searchParams.has('_rsc')

/** Holds every page the browser asks for inside the product until it is let go. */
async function hold(page: Page): Promise<() => void> {
  let letGo = () => {}
  const isLetGo = new Promise<void>(resolve => {
    letGo = resolve
  })
  await page.route(isPage, async route => {
    await isLetGo
    await route.continue()
  })
  return letGo
}
