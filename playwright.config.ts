import { availableParallelism } from 'node:os'
import { defineConfig } from '@playwright/test'
import { keepTemporaryFilesInMemory } from './bin/memory-folder.mjs'

keepTemporaryFilesInMemory()

/** The journeys, against the production build. `npm test` builds first; each test has an installation of its own. */
export default defineConfig({
  testDir: 'e2e',
  globalSetup: './e2e/fixture/global-setup.ts',
  fullyParallel: true,
  workers: Math.min(2, availableParallelism()), // half of a journey is waiting for a page
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : [['list']],
  outputDir: 'test-results',
  use: {
    locale: 'en-GB',
    timezoneId: 'Europe/Warsaw',
    colorScheme: 'light',
    viewport: { width: 1280, height: 900 },
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: (process.env.CHROMIUM_PATH ?? '/usr/bin/chromium') || undefined, // empty: Playwright's own
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
