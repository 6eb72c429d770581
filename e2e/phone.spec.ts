import { expect, test } from './fixture/test'

test.use({ viewport: { width: 360, height: 780 } })

test('On a phone no state of the outbox is cut off, and all messages of a page are picked at once', async ({ installation, signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/settings/company')
  await jan.getByRole('button', { name: 'Hold all mail' }).click()
  await expect(jan.getByText('Mail is held. Nothing leaves.')).toBeVisible()
  await installation.queueDocument({ code: 'JAN', to: 'buyer@nordhaus.test', subject: 'Invoice', count: 2 })

  await jan.goto('/outbox')
  const states = jan.getByRole('navigation', { name: 'State' }).getByRole('link')
  await expect(states.filter({ hasText: /^Queued/ })).toBeVisible()
  for (const state of await states.all()) await expect(state).toBeInViewport({ ratio: 0.9 })

  const messages = jan.getByRole('checkbox', { name: /^Select: / })
  await jan.getByText('Select all on this page').click()
  for (const message of await messages.all()) await expect(message).toBeChecked()
  const firstAction = jan.getByRole('row').filter({ hasText: 'selected' }).getByRole('button').first()
  await firstAction.click({ trial: true, position: { x: 4, y: 20 } }) // throws where something lies on its edge
  await jan.emulateMedia({ forcedColors: 'active' })
  await expect(messages.first(), 'in high contrast the system draws the tick; ours would be lost').toHaveCSS('appearance', 'auto')
  await jan.emulateMedia({ forcedColors: 'none' })
  await jan.getByRole('checkbox', { name: 'Select all on this page' }).uncheck()
  await expect(messages.first()).not.toBeChecked()
})

test('On a phone, where columns have no heads, a key says of what time it speaks', async ({ signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/settings/api-keys')
  await jan.getByLabel('Name', { exact: true }).fill('ERP')
  await jan.getByLabel('User codes').fill('ANNA')
  await jan.getByRole('button', { name: 'Make the key' }).click()
  const key = jan.getByRole('row').filter({ hasText: 'ERP' })
  await expect(key.getByText('never')).toBeVisible()
  await expect(key.getByText('Last used')).toBeVisible()
  await jan.setViewportSize({ width: 1280, height: 900 })
  await expect(key.getByText('Last used'), 'its column says so').toBeHidden()
})

test('On a phone a name in one long word breaks where it stands, and the page stays as wide as the screen', async ({ signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/settings/users')
  await jan.getByRole('textbox', { name: 'Code' }).fill('EWA')
  await jan.getByRole('textbox', { name: 'Name', exact: true }).fill('Wolfeschlegelsteinhausenbergerdorff'.repeat(3))
  await jan.getByRole('textbox', { name: 'E-mail', exact: true }).fill('ewa@acme.test')
  await jan.getByRole('button', { name: 'Add the user' }).click()
  await jan.getByRole('link', { name: 'Open the card' }).click()
  await jan.waitForURL('**/settings/users/EWA')
  const widthOfPage = () => jan.evaluate(() => document.documentElement.scrollWidth)
  expect.soft(await widthOfPage(), 'what the recipient sees').toBe(360)

  await jan.goto('/settings/user')
  await jan.getByRole('radio', { name: /^SMTP/ }).check()
  await jan.getByRole('textbox', { name: 'Mail server and port' }).fill('localhost:587')
  await jan.getByRole('button', { name: 'Save settings' }).click()
  await expect(jan.getByText('Settings saved.')).toBeVisible()
  await jan.goto('/settings/company')
  await jan.getByLabel('Mail sending user code').fill('JAN')
  await jan.getByRole('button', { name: 'Save whose settings apply' }).click()
  await expect(jan.getByRole('heading', { name: /What recipients see/ })).toBeVisible()
  expect.soft(await widthOfPage(), 'everybody who sends through that server').toBe(360)

  await jan.setViewportSize({ width: 320, height: 600 })
  await jan.goto('/help/gmail')
  expect.soft(await widthOfPage(), 'the addresses of a guide, at 320').toBe(320)
})

test('With text twice as large, as a browser may be set, no line lies on another, and no page is wider than the screen', async ({
  installation,
  signedInAs,
}) => {
  await installation.queueDocument({ code: 'JAN', to: 'buyer@nordhaus.test', subject: 'Invoice' })
  const jan = await signedInAs('JAN')
  const crowded = () =>
    jan.evaluate(() => {
      document.documentElement.style.fontSize = '200%'
      const isLow = (element: Element) => {
        const { fontSize, lineHeight } = getComputedStyle(element)
        return Number.parseFloat(lineHeight) < Number.parseFloat(fontSize)
      }
      return [...document.querySelectorAll('body *')].filter(isLow).map(({ tagName, className }) => `${tagName} ${className}`)
    })
  for (const where of ['/settings/user', '/outbox', '/settings/company', '/test-send', '/help/gmail', '/help/smtp', '/help/ip-whitelist']) {
    await jan.goto(where)
    expect.soft(await crowded(), where).toEqual([])
    expect.soft(await jan.evaluate(() => document.documentElement.scrollWidth), where).toBe(360)
  }
})
