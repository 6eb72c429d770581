import { afterEach, expect, test } from 'vitest'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import type { Zone } from '@/lib/testing/dns-server'
import { useZone } from '@/lib/testing/use-zone'
import { examineDomain } from './examine-domain'
import { forgetAdmissions } from './find-admission'
import { forecast } from './forecast'
import { composeSpf } from './spf-record'

afterEach(forgetAdmissions)

const relay = 'ip4:90.190.150.212'
const six = 'ip4:90.190.150.212 ip4:90.190.150.210 ip4:90.190.150.211 ip4:90.190.150.213 ip4:90.190.150.219 ip4:90.190.150.82'
const texts = (...TXT: string[]) => ({ TXT })
const event = { 'event.data.directo.ee': texts(`v=spf1 ${relay} -all`) }
const input = { code: 'ANNA', choice: 'platform', server: '', tls: '', username: '', password: '', authorIsLogin: false, version: 0 } as const

test.each<[string, Zone, string, string | null]>([
  ['admits the relay', { 'acme.test': texts(`v=spf1 ${relay} -all`), '_dmarc.acme.test': texts('v=DMARC1; p=reject') }, 'good', 'platform'],
  ['does not admit it and rejects what fails', { 'acme.test': texts('v=spf1 mx -all'), '_dmarc.acme.test': texts('v=DMARC1; p=reject') }, 'refused', 'replyTo'],
  ['does not admit it and quarantines', { 'acme.test': texts('v=spf1 mx -all'), '_dmarc.acme.test': texts('v=DMARC1;p=Quarantine') }, 'junk', 'replyTo'],
  ['does not admit it and only watches', { 'acme.test': texts('v=spf1 mx -all'), '_dmarc.acme.test': texts('v=DMARC1; p=none') }, 'loose', 'replyTo'],
  ['has neither SPF nor DMARC', { 'acme.test': { MX: ['10 mx.acme.test'] } }, 'loose', 'replyTo'],
])('a domain that %s: Directo is %s', async (_what, zone, outlook, recommended) => {
  await using db = await testDb()
  await using _ = await useZone({ ...event, ...zone })
  const { user } = await makeCompany(db)
  const found = await forecast(db, user, { ...input, choice: 'platform' })
  expect(found).toMatchObject({ domain: 'acme.test', chosen: 'platform', outlooks: { platform: outlook, replyTo: 'good' }, recommended })
})

test('an own server: what speaks for it in DNS counts, and else it depends', async () => {
  await using db = await testDb()
  const zone = {
    ...event,
    'acme.test': texts('v=spf1 ip4:127.0.0.1 include:_spf.google.com -all'),
    'smtp.acme.test': { A: ['127.0.0.1'] },
    'smtp.far.test': { A: ['127.0.0.9'] },
  }
  await using _ = await useZone({ ...zone, 'selector1._domainkey.acme.test': texts('v=DKIM1; k=rsa; p=MIGf') })
  const { user } = await makeCompany(db)
  const through = async (server: string) => (await forecast(db, user, { ...input, choice: 'smtp', server, username: 'anna@acme.test' }))?.outlooks.own
  expect(await through('smtp.acme.test:465'), 'its address is admitted').toBe('good')
  expect(await through('smtp.far.test:465'), 'a key of somebody else says nothing about it').toBe('depends')
  expect(await through('smtp.gmail.com:465'), 'the domain names Google').toBe('good')
  expect((await forecast(db, user, { ...input, choice: 'microsoft365' }))?.outlooks.own, 'Microsoft signs with that key').toBe('good')
})

test('while DNS does not answer nothing is said and nothing recommended', async () => {
  await using db = await testDb()
  await using dns = await useZone({})
  dns.failWith(2)
  const { user } = await makeCompany(db)
  const found = await forecast(db, user, { ...input, choice: 'platform' })
  expect(found).toMatchObject({ outlooks: { platform: 'unknown', replyTo: 'unknown', own: 'unknown' }, recommended: null, report: { failure: 'serverFailed' } })
  expect(found?.report.spf.proposed, 'no record is proposed to a domain that may have one').toBeNull()
})

test('the whole answer about a domain: record, cost, keys, policy, exchangers, and the record to add', async () => {
  await using _ = await useZone({
    'acme.test': { TXT: ['v=spf1 include:_spf.host.test mx ~all', 'other'], MX: ['10 mx.acme.test'] },
    '_spf.host.test': texts('v=spf1 include:_a.host.test include:_b.host.test -all'),
    '_a.host.test': texts('v=spf1 a mx -all'),
    '_b.host.test': texts('v=spf1 ip4:192.0.2.1 -all'),
    '_dmarc.acme.test': texts('v=DMARC1; p=quarantine; aspf=s'),
    'google._domainkey.acme.test': texts('v=DKIM1; p=MIIB'),
    'old._domainkey.acme.test': texts('v=DKIM1; p='),
    'default._domainkey.acme.test': texts('v=DKIM1; p='),
  })
  expect(await examineDomain('acme.test')).toMatchObject({
    failure: null,
    spf: {
      records: ['v=spf1 include:_spf.host.test mx ~all'],
      relay: { result: 'softfail' },
      cost: {
        total: 6,
        terms: [
          { term: 'include:_spf.host.test', lookUps: 5 },
          { term: 'mx', lookUps: 1 },
        ],
      },
      hasTooManyLookUps: false,
      proposed: `v=spf1 ${six} include:_spf.host.test mx ~all`,
    },
    dkim: ['google'],
    dmarc: { policy: 'quarantine', isSpfStrict: true },
    exchangers: ['mx.acme.test'],
  })
})

test('more than ten look-ups are counted, and the addresses to add come before them', async () => {
  const includes = Array.from({ length: 11 }, (_, index) => `include:_${index}.host.test`)
  await using _ = await useZone({
    'acme.test': texts(`v=spf1 ${includes.join(' ')} -all`),
    ...Object.fromEntries(includes.map(include => [include.slice(8), texts('v=spf1 ip4:192.0.2.1 -all')])),
  })
  const { spf } = await examineDomain('acme.test')
  expect(spf).toMatchObject({ relay: { result: 'permerror' }, cost: { total: 11 }, hasTooManyLookUps: true })
  await using _mended = await useZone({ 'acme.test': texts(spf.proposed ?? '') })
  expect((await examineDomain('acme.test')).spf, 'with the proposed record the relay is admitted').toMatchObject({ relay: { result: 'pass' }, missing: [] })
})

test.each([
  [['v=spf1 mx -all'], [], 'v=spf1 ip4:192.0.2.9 mx -all', 'put into the record that is there'],
  [['v=spf1 redirect=_spf.host.test'], [], 'v=spf1 ip4:192.0.2.9 redirect=_spf.host.test', 'before what it leads on to'],
  [['v=spf1 ip4:192.0.2.9 mx ?all'], [], 'v=spf1 ip4:192.0.2.9 mx ?all', 'never twice'],
  [['v=spf1 mx ~all', 'v=spf1 include:a.test -all'], [], 'v=spf1 ip4:192.0.2.9 mx include:a.test ~all', 'two records become one'],
  [
    [],
    ['acme-pl.mail.protection.outlook.com'],
    'v=spf1 ip4:192.0.2.9 include:spf.protection.outlook.com ~all',
    'without a record Microsoft 365 goes on sending',
  ],
  [[], ['mx.acme.test'], 'v=spf1 ip4:192.0.2.9 mx ~all', 'without a record the own server goes on sending'],
])('%j with %j becomes %s', (records, exchangers, record, why) => {
  expect(composeSpf(records, ['192.0.2.9'], exchangers), why).toBe(record)
})
