import { expect, test } from './fixture/test'

test('The way back from a message leads to the list as it was filtered', async ({ signedInAs }) => {
  const jan = await signedInAs('JAN')
  await jan.goto('/outbox')
  await jan
    .getByRole('navigation', { name: 'State' })
    .getByRole('link', { name: /^Accepted/ })
    .click()
  await expect(jan).toHaveURL(/state=accepted/)
  const first = jan.getByRole('table').getByRole('link').first()
  const subject = await first.innerText()
  await first.click()
  await expect(jan.getByRole('heading', { level: 1, name: subject })).toBeVisible()

  const said = jan.getByRole('region', { name: 'Attempts' }).getByText(/^250 /)
  await expect(said, 'folded').toBeHidden()
  await jan.emulateMedia({ media: 'print' })
  await expect(said, 'paper cannot be unfolded').toBeVisible()
  await expect(jan.getByRole('navigation')).toHaveCount(0)
  await expect(jan.getByRole('button')).toHaveCount(0)
  await jan.emulateMedia({ media: 'screen' })

  await jan.getByRole('main').getByRole('link', { name: 'Outbox' }).click()
  await expect(jan).toHaveURL(/\/outbox\?state=accepted$/)
})
