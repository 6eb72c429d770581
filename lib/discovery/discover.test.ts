import { afterEach, expect, test } from 'vitest'
import { env } from '@/lib/env'
import { autoconfigXml, startAutoconfigServer } from '@/lib/testing/autoconfig-server'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { useZone } from '@/lib/testing/use-zone'
import { discover } from './discover'
import { parseAutoconfig } from './read-autoconfig'

const configured = { ...env.platform.discovery }
afterEach(() => void Object.assign(env.platform.discovery, configured))
const setPorts = (ports: Partial<typeof configured>) => Object.assign(env.platform.discovery, ports)
const here = { A: ['127.0.0.1'] }
const find = (address: string) => discover(address, { mode: 'sandbox' })

test('the domain’s own settings file is taken at its word', async () => {
  const path = '/mail/config-v1.1.xml'
  const xml = autoconfigXml([
    { host: 'open.acme.test', port: 25, socketType: 'plain' },
    { host: 'smtp.%EMAILDOMAIN%', port: 465, username: '%EMAILLOCALPART%' },
  ])
  await using web = await startAutoconfigServer(['autoconfig.acme.test'], { [`autoconfig.acme.test${path}`]: { text: xml } })
  await using _ = await useZone({ 'autoconfig.acme.test': here, 'acme.test': { MX: ['10 mx.acme.test'] } })
  setPorts({ httpsPort: web.port })
  expect(await find('anna@acme.test')).toMatchObject({
    server: { host: 'smtp.acme.test', port: 465, tls: 'implicit', username: 'anna' },
    source: 'autoconfig',
    sureness: 'sure',
    mustConfirm: false,
    leadsTo: 'smtp',
    providerName: 'Acme & Co',
  })
  expect(web.asked).toEqual([`autoconfig.acme.test${path}?emailaddress=anna%40acme.test`])
})

test('a redirect is followed over https only, and to admitted addresses only', async () => {
  const path = '/.well-known/autoconfig/mail/config-v1.1.xml'
  const pages: Parameters<typeof startAutoconfigServer>[1] = {
    'host.test/file.xml': { text: autoconfigXml([{ host: 'smtp.host.test', port: 587, socketType: 'STARTTLS' }]) },
  }
  await using web = await startAutoconfigServer(['good.test', 'open.test', 'inside.test', 'host.test'], pages)
  await using _ = await useZone({ 'good.test': here, 'open.test': here, 'inside.test': here, 'host.test': here, 'metadata.test': { A: ['169.254.169.254'] } })
  setPorts({ httpsPort: web.port })
  pages[`good.test${path}`] = { redirect: `https://host.test:${web.port}/file.xml` }
  pages[`open.test${path}`] = { redirect: `http://host.test:${web.port}/file.xml` }
  pages[`inside.test${path}`] = { redirect: `https://metadata.test/` }
  expect((await find('anna@good.test')).server).toMatchObject({ host: 'smtp.host.test', port: 587, tls: 'starttls' })
  expect((await find('anna@open.test')).server).toBeNull()
  expect(await find('anna@inside.test')).toMatchObject({ server: null, states: { autoconfig: 'failed' } })
})

test('SRV records lead to a server that the person confirms', async () => {
  await using _ = await useZone({
    '_submissions._tcp.acme.test': { SRV: ['20 1 465 slow.acme.test', '10 1 465 smtp.acme.test'] },
    '_submission._tcp.acme.test': { SRV: ['0 1 587 smtp.acme.test'] },
  })
  expect(await find('anna@acme.test')).toMatchObject({
    server: { host: 'smtp.acme.test', port: 465, tls: 'implicit', username: 'anna@acme.test' },
    source: 'srv',
    mustConfirm: true,
  })
})

test.each([
  ['acme-test.mail.protection.outlook.com', 'microsoft365', { host: 'smtp.office365.com', port: 587 }, false],
  ['aspmx.l.google.com', 'gmail', { host: 'smtp.gmail.com', port: 465 }, true],
  ['smtp.google.com', 'gmail', { host: 'smtp.gmail.com', port: 465 }, true],
  ['mx.zone.eu', 'smtp', { host: 'smtp.zone.eu', port: 465, tls: 'implicit' }, true],
  ['mx1.mail.ovh.net', 'smtp', { host: 'ssl0.ovh.net' }, true],
])('mail that arrives at %s leads to %s', async (exchanger, leadsTo, server, mustConfirm) => {
  await using _ = await useZone({ 'acme.test': { MX: [`10 ${exchanger}`] } })
  expect(await find('anna@acme.test')).toMatchObject({ source: 'mx', leadsTo, server, mustConfirm })
})

test('an old settings file at a web host does not hide that the mailbox is at Microsoft', async () => {
  await using web = await startAutoconfigServer(['autoconfig.acme.test'], {
    'autoconfig.acme.test/mail/config-v1.1.xml': { text: autoconfigXml([{ host: 'mail.webhost.test', port: 465 }]) },
  })
  await using _ = await useZone({ 'autoconfig.acme.test': here, 'acme.test': { MX: ['0 acme-test.mail.protection.outlook.com'] } })
  setPorts({ httpsPort: web.port })
  expect(await find('anna@acme.test')).toMatchObject({ leadsTo: 'microsoft365', source: 'mx' })
})

test.each([
  ['home.pl', 'biuro@acme.test', { 'acme.test': { MX: ['10 mx.home.pl'] } }],
  ['home.pl', 'biuro@firma.home.pl', {}],
  ['nazwa.pl', 'biuro@acme.test', { 'acme.test': { MX: ['10 mx.nazwa.pl'] } }],
])('at %s the server differs from customer to customer: it asks', async (providerName, address, zone) => {
  await using _ = await useZone(zone)
  const found = await find(address)
  expect(found).toMatchObject({ server: null, question: 'hostDiffers', providerName })
  expect(found.sample).toContain(providerName)
})

test('the usual names are tried without saying who asks, and a bad certificate does not count', async () => {
  await using good = await startSmarthost({ tls: 'implicit', users: { anna: 'secret' }, certificateNames: ['mail.acme.test'] })
  await using bad = await startSmarthost({ tls: 'starttls', users: { anna: 'secret' }, certificateNames: ['other.test'] })
  await using _ = await useZone({ 'mail.acme.test': here, 'smtp.acme.test': here, 'acme.test': { MX: ['10 mx.acme.test'] } })
  setPorts({ submissionsPort: good.port, submissionPort: bad.port })
  expect(await find('anna@acme.test')).toMatchObject({
    server: { host: 'mail.acme.test', port: good.port, tls: 'implicit' },
    source: 'probe',
    sureness: 'guess',
    mustConfirm: true,
  })
  expect([...good.logins, ...bad.logins], 'no credentials are ever sent').toEqual([])
})

test('nobody knows: it asks, and says what it could not look up', async () => {
  await using dns = await useZone({ 'acme.test': { A: ['127.0.0.1'] } })
  expect(await find('anna@acme.test')).toMatchObject({ server: null, question: 'unknown', states: { srv: 'nothing', mx: 'nothing', probe: 'nothing' } })
  dns.failWith(2)
  expect(await find('anna@other.test')).toMatchObject({ server: null, question: 'notLookedUp', states: { srv: 'failed', mx: 'failed', probe: 'skipped' } })
  await expect(find('no address')).rejects.toMatchObject({ code: 'addressInvalid' })
})

test('shipped data answers without any look-up', async () => {
  await using dns = await useZone({})
  expect(await find('anna@gmail.com')).toMatchObject({ leadsTo: 'gmail', source: 'providers', mustConfirm: false })
  expect(await find('anna@wp.pl')).toMatchObject({ server: { host: 'smtp.wp.pl', port: 465, username: 'anna' } })
  expect(dns.questions).toEqual([])
})

test.each(['anna@outlook.com', 'anna@hotmail.com', 'anna@live.co.uk', 'anna@msn.com', 'Anna@Outlook.PT', 'anna@acme.test'])(
  '%s is a personal mailbox at Microsoft: its server is known, and lets no program in',
  async address => {
    await using _ = await useZone({ 'acme.test': { MX: ['2 acme-test.olc.protection.outlook.com'] } })
    const found = await find(address)
    expect(found).toMatchObject({ server: { host: 'smtp-mail.outlook.com', port: 587 }, leadsTo: 'personalMailbox', mustConfirm: false })
    expect(found.states[address === 'anna@acme.test' ? 'mx' : 'providers']).toBe('found')
  },
)

test.each([
  ['<clientConfig>', 'cut off'],
  ['not xml', 'no XML'],
  [
    '<!DOCTYPE x [<!ENTITY a "b">]><clientConfig><emailProvider><outgoingServer type="smtp"><hostname>&a;</hostname></outgoingServer></emailProvider></clientConfig>',
    'entities',
  ],
  [autoconfigXml([{ host: 'smtp.acme.test', port: 99999 }]), 'no port'],
  [autoconfigXml([{ host: 'smtp acme test', port: 465 }]), 'no host'],
  [autoconfigXml([{ host: 'smtp.acme.test', port: 25, socketType: 'plain' }]), 'a password in the open'],
])('a settings file %s gives nothing: %s', xml => {
  expect(parseAutoconfig(xml, 'anna', 'acme.test')).toBeNull()
})
