import { expect, test } from '@playwright/test'
import { startDnsServer } from '../lib/testing/dns-server'
import { startInstallation } from './fixture/installation'

test('Anna learns before saving that her domain would have such mail refused, and takes the way out', async ({ browser }) => {
  await using dns = await startDnsServer({
    'acme.test': { TXT: ['v=spf1 mx -all'], MX: ['10 mx.acme.test'] },
    'mx.acme.test': { A: ['192.0.2.1'] },
    '_dmarc.acme.test': { TXT: ['v=DMARC1; p=reject'] },
    'selector1._domainkey.acme.test': { TXT: ['v=DKIM1; p=MIIB'] },
    'event.data.directo.ee': { TXT: ['v=spf1 ip4:90.190.150.212 -all'] },
  })
  const installation = await startInstallation({ platform: {}, environment: { DNS_SERVERS: dns.server } })
  try {
    const page = await (await browser.newContext({ baseURL: installation.url })).newPage()
    await page.goto('/login')
    await page.getByRole('button', { name: 'Anna Nowak' }).click()
    await page.waitForURL('**/settings/user')

    await expect(page.getByText('Such mail will be refused.')).toBeVisible()
    const record = page.getByRole('region', { name: 'TXT acme.test' }).first()
    await expect(record).toHaveText(/^v=spf1 ip4:90\.190\.150\.212 .* mx -all$/)
    await page.getByText('What DNS says about acme.test').click()
    await expect(page.getByText('Keys found: selector1.')).toBeVisible()
    await expect(page.getByText(/does not admit Directo in its SPF: returned mail goes to Directo/)).toBeVisible()

    await page.getByRole('button', { name: 'Choose Directo-Reply-to' }).click()
    await expect(page.getByRole('radio', { name: /^Directo-Reply-to/ })).toBeChecked()
    await expect(page.getByText('Nothing stands in its way').first()).toBeVisible()
    await page.getByRole('button', { name: 'Save settings' }).click()
    await page.getByRole('button', { name: 'Send a test message' }).click()
    await expect(page.getByText('The server accepted the message.')).toBeVisible()
    await expect(page.getByText('Such mail will be refused.')).toBeHidden()
  } finally {
    await installation.stop()
  }
})
