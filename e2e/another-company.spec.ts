import { expect, test } from './fixture/test'

test('Another company sees nothing of ours', async ({ installation, signedInAs, signedInWith }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/test-send')
  await jan.getByRole('button', { name: 'Send a test message' }).click()
  await expect(jan.getByText('The server accepted the message.')).toBeVisible()
  const text = await jan.getByRole('link', { name: 'Download as text' }).getAttribute('href')
  await jan.goto('/outbox')
  const message = await jan.getByRole('main').getByRole('link', { name: /test/i }).first().getAttribute('href')
  expect(message).toMatch(/^\/outbox\/[\w-]+$/)
  const stream = text?.replace(/\/[^/]*$/, '/stream')
  expect(stream).toMatch(/^\/test-send\/[\w-]+\/stream$/)

  await installation.posthorn('company', 'create', '--slug', 'beta', '--name', 'Beta OÜ')
  const [ola] = await installation.posthorn(
    'user',
    'add',
    '--company',
    'beta',
    '--code',
    'OLA',
    '--name',
    'Ola Tamm',
    '--email',
    'ola@beta.test',
    '--role',
    'admin',
    '--confirmed',
  )
  const page = await signedInWith('ola@beta.test', String(ola?.firstPassword))

  for (const [path, status] of [
    [message, 404],
    [text, 404],
    [stream, 404],
    ['/settings/users/JAN', 404],
    ['/settings/users/OLA', 200],
  ] as const) {
    expect((await page.request.get(String(path))).status(), String(path)).toBe(status)
  }
  await page.goto('/outbox')
  await expect(page.getByText('Nothing has been sent yet')).toBeVisible()
  await page.goto('/settings/users')
  await expect(page.getByRole('main')).toContainText('Ola Tamm')
  await expect(page.getByRole('main')).not.toContainText('Jan Kowalski')
  expect((await jan.request.get(String(message))).status(), 'its owner still sees it').toBe(200)
})
