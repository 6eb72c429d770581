import type { Page } from '@playwright/test'
import type { Smarthost } from '../lib/testing/smtp-server'
import { expect, test } from './fixture/test'

type Typed = { server: string; tls: 'none' | 'implicit' | 'starttls'; username: string; password: string }

async function save(page: Page, { server, tls, username, password }: Typed): Promise<void> {
  await page.goto('/settings/user')
  await page.getByRole('radio', { name: /^SMTP/ }).check()
  await page.getByRole('textbox', { name: 'Mail server and port' }).fill(server)
  await page.getByRole('combobox', { name: 'SSL/TLS' }).selectOption(tls)
  await page.getByRole('textbox', { name: 'Username', exact: true }).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Save settings' }).click()
  await expect(page.getByText('Settings saved.')).toBeVisible()
}

async function sendTest(page: Page): Promise<void> {
  await page.goto('/test-send')
  await page.getByRole('button', { name: 'Send a test message' }).click()
}

async function isAccepted(page: Page, smarthost: Smarthost): Promise<void> {
  await sendTest(page)
  await expect(page.getByText('The server accepted the message.')).toBeVisible()
  expect(smarthost.received).toHaveLength(1)
}

test('Trying the ports finds the encryption that works; it is filled in, and the password is asked for', async ({ signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith({ tls: 'implicit', users: { 'anna@acme.test': 'sesam' } })
  const page = await signedInAs('ANNA')
  await save(page, { server: smarthost.server, tls: 'none', username: 'anna@acme.test', password: 'sesam' })
  await sendTest(page)
  await page.getByRole('button', { name: 'Try the ports of localhost' }).click()
  await page.getByRole('link', { name: 'Use this' }).click()
  await expect(page.getByRole('combobox', { name: 'SSL/TLS' })).toHaveValue('implicit')
  await expect(page.getByLabel('Password', { exact: true }), 'a password serves one port and encryption only').toBeFocused()
  expect(smarthost.logins, 'trying ports signs in nowhere').toEqual([])
  await page.getByLabel('Password', { exact: true }).fill('sesam')
  await page.getByRole('button', { name: 'Save settings' }).click()
  await expect(page.getByText('Settings saved.')).toBeVisible()
  await isAccepted(page, smarthost)
})

test('The spaces of a pasted app password are removed by one press', async ({ signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith({ tls: 'none', users: { 'anna@acme.test': 'abcdefghijklmnop' } })
  const page = await signedInAs('ANNA')
  await save(page, { server: `127.0.0.1:${smarthost.port}`, tls: 'none', username: 'anna@acme.test', password: 'abcd efgh ijkl mnop' }) // localhost is Gmail here, where blanks go at saving
  await sendTest(page)
  await page.getByRole('button', { name: 'Remove the spaces from the password' }).click()
  await expect(page.getByText('3 spaces were removed')).toBeVisible()
  await isAccepted(page, smarthost)
  expect(smarthost.logins.map(({ password }) => password)).toEqual(['abcd efgh ijkl mnop', 'abcdefghijklmnop'])
})

test('A server that lets an account send as itself only gets its own From, and answers still come to the card', async ({ signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith({
    users: { 'office@acme.test': 'sesam' },
    dataReply: ({ mail }) =>
      mail.from?.value[0]?.address === 'office@acme.test'
        ? null
        : { code: 550, text: '5.7.1 <anna@acme.test>: Sender address rejected: not owned by user office@acme.test' },
  })
  const page = await signedInAs('ANNA')
  await save(page, { server: smarthost.server, tls: 'starttls', username: 'office@acme.test', password: 'sesam' })
  await sendTest(page)
  await expect(page.getByRole('heading', { name: 'This account may not send as that address' })).toBeVisible()
  await page.getByRole('button', { name: 'Send as office@acme.test, answers to anna@acme.test' }).click()
  await expect(page.getByText('From is the mailbox that signs in now')).toBeVisible()
  await isAccepted(page, smarthost)
  expect(smarthost.received[0]?.mail.from?.value[0]?.address).toBe('office@acme.test')
  expect(smarthost.received[0]?.mail.replyTo?.value[0]?.address).toBe('anna@acme.test')
})

test('Where the domain does not vouch for the server, mail leaves under the platform’s own domain', async ({ signedInAs, smarthostWith }) => {
  const smarthost = await smarthostWith({
    users: { 'anna@acme.test': 'sesam' },
    dataReply: { code: 550, text: '5.7.26 This mail does not pass DMARC of acme.test' },
  })
  const page = await signedInAs('ANNA')
  await save(page, { server: smarthost.server, tls: 'starttls', username: 'anna@acme.test', password: 'sesam' })
  await sendTest(page)
  await page.getByRole('button', { name: 'Send as Directo-Reply-to' }).click()
  await expect(page.getByText('The sender is changed.')).toBeVisible()
  await sendTest(page)
  await expect(page.getByText('The server accepted the message.')).toBeVisible()
  await page.goto('/settings/user')
  await expect(page.getByRole('radio', { name: /^Directo-Reply-to/ })).toBeChecked()
})
