import { expect, test } from './fixture/test'

test('A company that searches without a pause is told to wait, and its outbox still opens', async ({ signedInAs }) => {
  const anna = await signedInAs('ANNA')
  const search = () => anna.request.get('/outbox?q=invoice')
  for (let i = 0; i < 12; i++) await Promise.all(Array.from({ length: 10 }, search))
  await anna.goto('/outbox')
  await anna.getByRole('searchbox').fill('invoice')
  await anna.getByRole('searchbox').press('Enter')
  await expect(anna.getByText('That was a lot of searching. Try again in 1 minute.')).toBeVisible()
  await expect(anna.getByRole('searchbox'), 'what was looked for stays').toHaveValue('invoice')
  await anna.getByRole('searchbox').fill('')
  await anna.getByRole('searchbox').press('Enter')
  await expect(anna.getByRole('row', { name: /Oferta/ })).toBeVisible()
})
