import { expect, test } from './fixture/test'

test('A program gets a key in the browser, hands a message in through the web’s own address, and it arrives', async ({ installation, signedInAs, someone }) => {
  const jan = await signedInAs('JAN')
  await jan.getByRole('link', { name: 'API keys' }).click()
  await expect(jan.getByRole('heading', { name: 'API keys', level: 1 })).toBeVisible()
  await jan.getByLabel('Name', { exact: true }).fill('ERP')
  await jan.getByRole('button', { name: 'Make the key' }).click()
  await expect(jan.getByText('Name at least one user'), 'all users are never meant by an empty field').toBeVisible()
  await jan.getByLabel('User codes').fill('ANNA')
  await jan.getByLabel('User codes').press('Enter')
  await expect(jan.getByRole('status').filter({ hasText: 'The key is made.' }), 'the form begins anew').toBeFocused()
  const key = await jan.getByText(/^ph_\w{20,}$/).innerText()

  const post = (path: string, body: object) =>
    fetch(`${installation.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const invoice = { from_user: 'ANNA', to: ['buyer@nordhaus.test'], subject: 'Invoice 7/2026', text: 'Please find it attached.' }
  const queued = await post('/messages', { ...invoice, attachments: [{ filename: 'invoice.pdf', content: 'JVBERi0=', content_type: 'application/pdf' }] })
  expect(queued.status).toBe(202)
  expect((await post('/messages', { ...invoice, from_user: 'JAN' })).status, 'the key does not name JAN').toBe(403)

  const { id } = (await queued.json()) as { id: string }
  const read = async () =>
    (await (await fetch(`${installation.url}/api/v1/messages/${id}`, { headers: { authorization: `Bearer ${key}` } })).json()) as { status: string }
  await expect.poll(async () => (await read()).status, { timeout: 20_000 }).toBe('accepted')
  await jan.goto('/sandbox')
  await jan.getByRole('link', { name: 'Invoice 7/2026' }).click()
  await expect(jan.getByText('Please find it attached.').first()).toBeVisible()

  await jan.goto('/settings/api-keys')
  await expect(jan.getByText(key), 'shown once').toHaveCount(0)
  await jan.getByText('Revoke ERP').click()
  await jan.getByRole('button', { name: 'Revoke the key' }).press('Enter')
  await expect(jan.getByRole('status').filter({ hasText: 'The key is revoked.' }), 'the button is gone').toBeFocused()
  await expect(jan.getByText('Revoked', { exact: true })).toBeVisible()
  expect((await post('/messages', invoice)).status).toBe(401)

  const anna = await signedInAs('ANNA')
  expect((await anna.goto('/settings/api-keys'))?.status(), 'not for users').toBe(404)
  const stranger = await someone()
  await stranger.goto('/docs/api')
  await expect(stranger.getByRole('heading', { name: 'POST /messages', exact: true })).toBeVisible()
})
