import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { type Look, publicPages, workspacePages } from './fixture/pages'
import { expect, test } from './fixture/test'

test.setTimeout(300_000)

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${colorScheme}`, async ({ page, signedInAs }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const look of publicPages) await findNothing(page, look)

    const jan = await signedInAs('JAN')
    await jan.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await jan.goto('/test-send')
    await jan.getByRole('button', { name: 'Send a test message' }).click()
    await expect(jan.getByText('The server accepted the message.')).toBeVisible()
    await findNothing(jan, { name: 'conversation', path: '' })
    for (const look of workspacePages) await findNothing(jan, look)
    await jan.setViewportSize({ width: 360, height: 800 })
    for (const look of workspacePages) await findNothing(jan, look)
  })
}

async function findNothing(page: Page, { name, path, prepare }: Look): Promise<void> {
  if (path) await page.goto(path)
  await prepare?.(page)
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  expect.soft(found, `${name} (${page.viewportSize()?.width} px wide)`).toEqual([])
}
