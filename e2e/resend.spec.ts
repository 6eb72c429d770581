import { expect, test } from './fixture/test'

test('A message that was refused goes to another address as a new one, and the two know of each other', async ({ installation, signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith({
    rcptReply: address => (address === 'old@nordhaus.test' ? { code: 550, text: '5.1.1 No such mailbox' } : null),
  })
  const anna = await signedInAs('ANNA')
  await anna.getByRole('radio', { name: /^SMTP/ }).check()
  await anna.getByRole('textbox', { name: 'Mail server and port' }).fill(smarthost.server)
  await anna.getByRole('combobox', { name: 'SSL/TLS' }).selectOption('starttls')
  await anna.getByRole('button', { name: 'Save settings' }).click()
  await expect(anna.getByText('Settings saved.')).toBeVisible()
  await installation.queueDocument({ code: 'ANNA', to: 'old@nordhaus.test', subject: 'Invoice 7' })
  await expect
    .poll(async () => {
      await anna.goto('/outbox?state=refused')
      return anna.getByRole('link', { name: 'Invoice 7' }).count()
    })
    .toBe(1)
  await anna.getByRole('link', { name: 'Invoice 7' }).click()

  const address = anna.getByRole('textbox', { name: 'Address', exact: true })
  await address.fill('new@nordhaus')
  await anna.getByRole('button', { name: 'Send to this address' }).click()
  await expect(address).toHaveAccessibleDescription(/not an e-mail address/)
  await expect(address, 'what was typed stays').toHaveValue('new@nordhaus')
  await address.fill('new@nordhaus.test')
  await anna.getByRole('button', { name: 'Send to this address' }).click()
  await expect(anna.getByText('The message was queued for new@nordhaus.test.')).toBeVisible()
  await expect.poll(() => smarthost.received.map(({ envelopeRecipients }) => envelopeRecipients)).toEqual([['new@nordhaus.test']])
  const [sent] = smarthost.received
  expect(sent?.mail.subject).toBe('Invoice 7')
  expect(sent?.mail.references, 'it says which one it sends again').toBeTruthy()

  await anna.getByRole('link', { name: 'new@nordhaus.test' }).click()
  await expect(anna.getByRole('definition').filter({ hasText: 'message to old@nordhaus.test' })).toBeVisible()
  await anna.goto('/outbox')
  await expect(anna.getByRole('row', { name: /new@nordhaus.test/ })).toContainText('sent again')
  await anna
    .getByRole('row', { name: /old@nordhaus.test/ })
    .getByRole('link')
    .click()
  await expect(anna.getByRole('main'), 'the first stays as it was').toContainText('Refused.')
})
