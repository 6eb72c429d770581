import { startSmarthost } from '../lib/testing/smtp-server'
import { startInstallation } from './fixture/installation'
import { signInAtMicrosoft } from './fixture/microsoft'
import { openWhy } from './fixture/outbox'
import { expect, test } from './fixture/test'

const passwordsAreOver = { code: 535, text: '5.7.139 Authentication unsuccessful, basic authentication is disabled. [sandbox]' }

test('Microsoft takes no password any more: the button of the explanation leads to the consent, and the waiting mail leaves', async ({ browser }) => {
  await using old = await startSmarthost({ users: {}, authReply: passwordsAreOver })
  const installation = await startInstallation({ platform: { microsoft365: { host: 'localhost', port: old.port } } })
  try {
    await installation.keepPasswordAtMicrosoft('ANNA')
    const anna = await (await browser.newContext({ baseURL: installation.url })).newPage()
    await anna.goto('/login')
    await anna.getByRole('button', { name: 'Anna Nowak' }).click()
    await anna.waitForURL('**/settings/user')
    await installation.queueDocument({ code: 'ANNA', to: 'buyer@nordhaus.test', subject: 'Invoice 11' })
    await openWhy(anna)
    await anna.getByRole('link', { name: 'Move to Microsoft 365 OAUTH' }).first().click()
    await anna.getByRole('region', { name: 'Move off the password' }).getByRole('link', { name: 'Move to Microsoft 365 OAUTH' }).click()
    await signInAtMicrosoft(anna, 'anna@acme.test')
    await anna.getByRole('button', { name: 'Send a test message and switch' }).click()
    await expect(anna.getByText('Moved to Microsoft 365 OAUTH')).toBeVisible()
    await anna.goto('/settings/user')
    await anna.getByRole('button', { name: /^Send .*by the new route/ }).click()
    await expect
      .poll(async () => {
        await anna.goto('/sandbox')
        return anna.getByRole('main').getByText('Invoice 11').count()
      })
      .toBeGreaterThan(0)
    expect(old.received).toEqual([])
  } finally {
    await installation.stop()
  }
})
