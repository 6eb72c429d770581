import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { type Look, publicPages, workspacePages } from './fixture/pages'
import { expect, test } from './fixture/test'

const wide = { width: 1280, height: 900 }
const narrow = { width: 360, height: 800 }

test.setTimeout(300_000)

test('axe finds nothing on the pages that anybody may open, wide and narrow, light and dark', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (const look of publicPages) await findNothing(page, look)
})

test('axe finds nothing on the pages of an admin, wide and narrow, light and dark', async ({ signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.emulateMedia({ reducedMotion: 'reduce' })
  await jan.goto('/test-send')
  await jan.getByRole('button', { name: 'Send a test message' }).click()
  await expect(jan.getByText('The server accepted the message.')).toBeVisible()
  await findNothing(jan, { name: 'conversation', path: '' })
  for (const look of workspacePages) await findNothing(jan, look)
})

/** Opens a page once and looks at it four times; in the dark only at what colours may break. */
async function findNothing(page: Page, { name, path, prepare }: Look): Promise<void> {
  await page.setViewportSize(wide)
  if (path) await page.goto(path)
  await prepare?.(page)
  for (const size of [wide, narrow]) {
    await page.setViewportSize(size)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const axe = new AxeBuilder({ page }).setLegacyMode() // without it, each look opens a page of its own for the summary
      const { violations } = await (colorScheme === 'dark' ? axe.withRules(['color-contrast', 'link-in-text-block']) : axe).analyze()
      const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
      expect.soft(found, `${name} (${size.width} px wide, ${colorScheme})`).toEqual([])
    }
  }
}
