import type { Page } from '@playwright/test'
import { startHoldingServer } from '../lib/testing/step-server'
import { expect, test } from './fixture/test'

/** Follows the test of a page elsewhere, as ten more tabs of the same person would, until all of them have been told something. */
async function followElsewhere(page: Page, url: string): Promise<Disposable> {
  const gone = new AbortController()
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const follow = async () => {
    const response = await fetch(url, { headers: { cookie }, signal: gone.signal })
    return response.body?.getReader().read()
  }
  await Promise.all(Array.from({ length: 10 }, follow))
  return { [Symbol.dispose]: () => gone.abort() }
}

test('A test that is followed in ten newer places is let go by the oldest, which says so and can show it again', async ({ signedInAs }) => {
  await using slow = await startHoldingServer()
  slow.hold()
  const page = await signedInAs('ANNA')
  await page.getByRole('radio', { name: /^SMTP/ }).check()
  await page.getByRole('textbox', { name: 'Mail server and port' }).fill(slow.server)
  await page.getByRole('combobox', { name: 'SSL/TLS' }).selectOption('none')
  await page.getByRole('button', { name: 'Save settings' }).click()
  await expect(page.getByText('Settings saved.')).toBeVisible()

  await page.goto('/test-send')
  const streamed = page.waitForRequest(/\/stream$/)
  await page.getByRole('button', { name: 'Send a test message' }).click()
  await expect(page.getByText('Under way.')).toBeVisible()
  await expect.poll(() => slow.unanswered(), 'the server has the message and says nothing yet').toBe(1)

  using _others = await followElsewhere(page, (await streamed).url())
  await expect(page.getByText('The live view was interrupted.')).toBeVisible()
  await page.getByRole('link', { name: 'Show the conversation again' }).click()
  await expect(page.getByText('Under way.')).toBeVisible()
  slow.answer()
  await expect(page.getByText('The server accepted the message.')).toBeVisible()
})
