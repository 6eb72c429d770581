import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BrowserContextOptions, chromium, expect, type Page } from '@playwright/test'
import config from '../playwright.config'
import { startInstallation } from './fixture/installation'
import { type Look, publicPages, workspacePages } from './fixture/pages'
import { prepareInstallations } from './fixture/prepared'

/**
 * Pictures of every page, light and dark, wide and narrow, in Polish: `node --import tsx e2e/screenshots.ts <folder>`.
 * Against the production build, in a sandbox of its own with Directo's own profile.
 */
const folder = process.argv[2]
if (!folder) throw new Error('Say into which folder')
mkdirSync(folder, { recursive: true })

await prepareInstallations(mkdtempSync(path.join(tmpdir(), 'posthorn-screenshots-')))
const installation = await startInstallation({ platform: {} })
const browser = await chromium.launch(config.use?.launchOptions)
try {
  const jan = await open({})
  await jan.goto('/login')
  await jan.getByRole('button', { name: 'Jan Kowalski' }).click()
  await jan.waitForURL('**/settings/user')
  const conversation = await sendTest(jan)
  const storageState = await jan.context().storageState()
  const inside: Look[] = [...workspacePages, { name: 'conversation', path: conversation }]

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      const view = { colorScheme, viewport: { width, height: width > 600 ? 900 : 780 } }
      const [stranger, signedIn] = [await open(view), await open({ ...view, storageState })]
      for (const look of publicPages) await picture(stranger, look, `${colorScheme}-${width}`)
      for (const look of inside) await picture(signedIn, look, `${colorScheme}-${width}`)
      await stranger.context().close()
      await signedIn.context().close()
    }
  }
} finally {
  await browser.close()
  await installation.stop()
}

async function open(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ baseURL: installation.url, locale: 'pl-PL', timezoneId: 'Europe/Warsaw', reducedMotion: 'reduce', ...options })
  return context.newPage()
}

/** One test through the sandbox; gives the address of its conversation, or the console's where it has none of its own. */
async function sendTest(page: Page): Promise<string> {
  await page.goto('/test-send')
  await page.getByRole('button', { name: 'Wyślij wiadomość testową' }).click()
  await expect(page.getByText('Serwer przyjął wiadomość.')).toBeVisible({ timeout: 20_000 })
  return new URL(page.url()).pathname + new URL(page.url()).search
}

async function picture(page: Page, { name, path: where, prepare }: Look, view: string): Promise<void> {
  await page.goto(where)
  await prepare?.(page)
  await page.waitForLoadState('networkidle') // the preview of a choice follows a moment later
  await page.screenshot({ path: path.join(String(folder), `${name}-${view}.png`), fullPage: true })
}
