import { expect, test } from './fixture/test'

test('Jan checks from here whether a server lets the product in; Anna and strangers see the addresses only', async ({ signedInAs, someone, smarthostWith }) => {
  const [open, closed] = [await smarthostWith(), await smarthostWith({ connectReply: { code: 554, text: '5.7.1 not on our list' } })]
  const page = await signedInAs('JAN')
  await page.goto('/help/ip-whitelist')
  const check = async (server: string) => {
    await page.getByRole('textbox', { name: 'Server and port' }).fill(server)
    await page.getByRole('button', { name: 'Check from here' }).click()
  }
  await check(open.server)
  await expect(page.getByText(`${open.server} lets us in.`)).toBeVisible()
  await check(closed.server)
  await expect(page.getByText(`${closed.server} refuses us.`)).toBeVisible()
  await expect(page.getByText('5.7.1 not on our list')).toBeVisible()
  await check('10.0.0.1:25')
  await expect(page.getByRole('textbox', { name: 'Server and port' })).toHaveAttribute('aria-invalid', 'true')

  for (const other of [await signedInAs('ANNA'), await someone()]) {
    await other.goto('/help/ip-whitelist')
    await expect(other.getByText('90.190.150.212').first()).toBeVisible()
    await expect(other.getByRole('button', { name: 'Check from here' })).toHaveCount(0)
  }
})
