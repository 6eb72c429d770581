import { expect, type Page, test } from '@playwright/test'
import { autoconfigXml, startAutoconfigServer } from '../lib/testing/autoconfig-server'
import { startDnsServer } from '../lib/testing/dns-server'
import { startSmarthost } from '../lib/testing/smtp-server'
import { startInstallation } from './fixture/installation'

const here = { A: ['127.0.0.1'] }
const names = ['smtp.auto.test', 'smtp.srv.test', 'smtp.mailhost.test', 'mail.probe.test', 'relay7.lost.test']

/** Every domain has its settings somewhere else; one server plays them all. */
test('Anna types nothing but her address, wherever its settings are kept', async ({ browser }) => {
  await using mail = await startSmarthost({ tls: 'implicit', users: passwords(), certificateNames: names })
  await using web = await startAutoconfigServer(['autoconfig.auto.test'], {
    'autoconfig.auto.test/mail/config-v1.1.xml': { text: autoconfigXml([{ host: 'smtp.auto.test', port: mail.port }]) },
  })
  await using dns = await startDnsServer({
    ...Object.fromEntries([...names, 'autoconfig.auto.test'].map(name => [name, here])),
    '_submissions._tcp.srv.test': { SRV: [`0 1 ${mail.port} smtp.srv.test`] },
    'mx.test': { MX: ['10 mx1.mailhost.test'] },
    'probe.test': { MX: ['10 in.probe.test'] },
    'lost.test': { MX: ['10 in.lost.test'] },
    'office.test': { MX: ['0 office-test.mail.protection.outlook.com'] },
  })
  const server = { host: 'smtp.mailhost.test', port: mail.port, tls: 'implicit', username: '%EMAILADDRESS%', auth: ['password-cleartext'] }
  const providers = [{ id: 'mailhost', name: 'Mailhost', domains: ['known.test', 'mailhost.test'], servers: [server] }]
  const installation = await startInstallation({
    platform: { discovery: { httpsPort: web.port, submissionsPort: mail.port, submissionPort: mail.port, providers } },
    environment: { DNS_SERVERS: dns.server, SMTP_EXTRA_PORTS: '1024-65535' },
  })
  try {
    const page = await (await browser.newContext({ baseURL: installation.url })).newPage()
    await page.goto('/login')
    await page.getByRole('button', { name: 'Anna Nowak' }).click()
    await page.waitForURL('**/settings/user')
    const at = (host: string) => `${host}:${mail.port}`

    await test.step('the domain’s own file', async () => {
      await find(page, 'anna@auto.test')
      await expect(page.getByText('This is sure.')).toBeVisible()
      await sendTest(page, at('smtp.auto.test'))
    })
    await test.step('SRV records, confirmed', async () => {
      await find(page, 'anna@srv.test')
      await expect(serverField(page), 'nothing is filled in before the person said yes').toHaveValue('')
      await page.getByRole('button', { name: `Yes, use ${at('smtp.srv.test')}` }).click()
      await sendTest(page, at('smtp.srv.test'))
    })
    await test.step('the list of known providers', async () => {
      await find(page, 'anna@known.test')
      await expect(page.getByText('From the list of known providers.')).toBeVisible()
      await sendTest(page, at('smtp.mailhost.test'))
    })
    await test.step('only its MX, confirmed', async () => {
      await find(page, 'anna@mx.test')
      await page.getByRole('button', { name: `Yes, use ${at('smtp.mailhost.test')}` }).click()
      await sendTest(page, at('smtp.mailhost.test'))
    })
    await test.step('the usual names, confirmed', async () => {
      await find(page, 'anna@probe.test')
      await expect(page.getByText('This is a guess.')).toBeVisible()
      await page.getByRole('button', { name: `Yes, use ${at('mail.probe.test')}` }).click()
      await sendTest(page, at('mail.probe.test'))
    })
    await test.step('nowhere: it asks, and she types it', async () => {
      await find(page, 'anna@lost.test')
      await expect(page.getByText('The server of lost.test is not known.')).toBeVisible()
      await serverField(page).fill(at('relay7.lost.test'))
      await page.getByRole('combobox', { name: 'SSL/TLS' }).selectOption('implicit')
      await page.getByRole('textbox', { name: 'Username', exact: true }).fill('anna@lost.test')
      await sendTest(page, at('relay7.lost.test'))
    })
    expect(mail.received.map(({ username }) => username?.split('@')[1])).toEqual(['auto.test', 'srv.test', 'known.test', 'mx.test', 'probe.test', 'lost.test'])
    expect(new Set(mail.logins.map(({ password }) => password)), 'a password went nowhere but where it was typed for').toEqual(new Set(['secret']))

    await test.step('Microsoft 365: a consent, and no password', async () => {
      await find(page, 'anna@office.test')
      await page.getByRole('button', { name: 'Choose Microsoft 365 OAUTH' }).click()
      await expect(page.getByRole('radio', { name: /^Microsoft 365 OAUTH/ })).toBeChecked()
      await expect(page.getByLabel('Password', { exact: true })).toBeHidden()
      await expect(page.getByRole('textbox', { name: /Microsoft 365/ })).toHaveValue('anna@office.test')
    })
    await test.step('a personal mailbox at Microsoft: said at once, in the search and at its field', async () => {
      await find(page, 'anna@outlook.com')
      await expect(page.getByText('A personal mailbox at Microsoft cannot be connected.')).toBeVisible()
      await page.getByRole('radio', { name: /^Microsoft 365 OAUTH/ }).check()
      const address = page.getByRole('textbox', { name: /Microsoft 365/ })
      await address.fill('anna@hotmail.com')
      await expect(address).toHaveAccessibleDescription(/personal mailbox/)
      const route = page.getByRole('complementary', { name: 'What the settings lead to' })
      await expect(route).toContainText('A personal mailbox at Microsoft cannot be connected.')
      await expect(route, 'it never will be').not.toContainText('is not connected with Microsoft 365 yet')
      await page.getByRole('button', { name: 'Choose Directo-Reply-to' }).filter({ visible: true }).click()
      await expect(page.getByRole('radio', { name: 'Directo-Reply-to' })).toBeChecked()
    })
    await test.step('a server that is not typed out: the panel says that it does not follow', async () => {
      await page.goto('/settings/user?preset=smtp')
      await serverField(page).fill('smtp.acme.test')
      await expect(page.getByText('Still as before: what is typed is not complete.')).toBeVisible()
      await serverField(page).fill('smtp.acme.test:465')
      await expect(page.getByText('Still as before: what is typed is not complete.')).toBeHidden()
    })
  } finally {
    await installation.stop()
  }
})

const passwords = () => Object.fromEntries(['auto', 'srv', 'known', 'mx', 'probe', 'lost'].map(domain => [`anna@${domain}.test`, 'secret']))

const serverField = (page: Page) => page.getByRole('textbox', { name: 'Mail server and port' })

/** From a fresh card: chooses SMTP, types the address, and waits for the answer. */
async function find(page: Page, address: string): Promise<void> {
  await page.goto('/settings/user?preset=smtp')
  await page.getByLabel('Your e-mail address').fill(address)
  await page.getByRole('button', { name: 'Find the server' }).click()
  await expect(page.getByRole('button', { name: 'Stop' })).toBeHidden()
}

/** Types the password that is missing and sends a test with what is on screen. */
async function sendTest(page: Page, server: string): Promise<void> {
  await expect(serverField(page)).toHaveValue(server)
  await page.getByLabel('Password', { exact: true }).fill('secret')
  await page.getByRole('button', { name: 'Send a test message' }).click()
  await expect(page.getByText('The server accepted the message.')).toBeVisible()
}
