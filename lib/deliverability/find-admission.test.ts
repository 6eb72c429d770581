import { afterEach, expect, test } from 'vitest'
import { shiftClock } from '@/lib/clock'
import { loadRoute } from '@/lib/sender/resolve-route'
import { readReturnPath } from '@/lib/sender/return-path'
import { makeCard, makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { useZone } from '@/lib/testing/use-zone'
import { findAdmission, forgetAdmissions } from './find-admission'

afterEach(forgetAdmissions)

const relay = '90.190.150.212'
const spf = (text: string) => ({ TXT: [text] })

test.each([
  [{ 'acme.test': spf(`v=spf1 ip4:${relay} -all`) }, 'admits', 'the relay’s address is named'],
  [{ 'acme.test': spf('v=spf1 include:_spf.host.test ~all'), '_spf.host.test': spf('v=spf1 ip4:90.190.150.208/28 -all') }, 'admits', 'through an include'],
  [{ 'acme.test': spf('v=spf1 a -all'), 'smtp.acme.test': {} }, 'refuses', 'only its own server'],
  [{ 'acme.test': spf('v=spf1 ip4:90.190.150.210 -all') }, 'refuses', 'another of the platform’s addresses'],
  [{ 'acme.test': spf('v=spf1 ?all') }, 'refuses', 'neutral is not admitted'],
  [{ 'acme.test': { TXT: [`v=spf1 ip4:${relay} -all`, 'v=spf1 -all'] } }, 'refuses', 'two records are an error, and count for nothing'],
  [{ 'acme.test': spf('google-site-verification=x') }, 'refuses', 'no SPF'],
  [{}, 'refuses', 'no such domain'],
])('%j: %s, %s', async (zone, admission, why) => {
  await using db = await testDb()
  await using _ = await useZone(zone)
  expect(await findAdmission(db, 'acme.test'), why).toBe(admission)
})

test('mail of a card whose domain admits the relay carries her address in the envelope, else a signed path back to the platform', async () => {
  await using db = await testDb()
  await using _ = await useZone({ 'acme.test': spf(`v=spf1 ip4:${relay} -all`), 'other.test': spf('v=spf1 -all') })
  const acme = await makeCompany(db, 'acme')
  const far = await makeCard(db, { tenantId: acme.tenantId, slug: 'acme', code: 'EWA', name: 'Ewa', role: 'user', email: 'ewa@other.test' })

  expect(await loadRoute(db, acme.tenantId, acme.user.cardId)).toMatchObject({
    admission: 'admits',
    envelopeSender: { value: 'anna@acme.test', origin: { source: 'card' } },
  })
  const route = await loadRoute(db, acme.tenantId, far.cardId)
  expect(route).toMatchObject({ admission: 'refuses', from: { value: { address: 'ewa@other.test' } }, envelopeSender: { origin: { source: 'platform' } } })
  const path = route.envelopeSender?.value ?? ''
  expect(readReturnPath(path, 'event.data.directo.ee'), 'what comes back names its card').toEqual({ cardId: far.cardId })
  expect(readReturnPath(path.toUpperCase(), 'event.data.directo.ee'), 'some servers change the case').toEqual({ cardId: far.cardId })
  expect(readReturnPath(path.replace(far.cardId, acme.user.cardId), 'event.data.directo.ee'), 'a made-up path is none').toBeNull()
  expect(readReturnPath(path, 'event.other.test')).toBeNull()
})

test('while DNS gives no answer the last one holds, and without any the card’s e-mail is used', async () => {
  await using db = await testDb()
  await using dns = await useZone({ 'acme.test': spf('v=spf1 -all') })
  const acme = await makeCompany(db, 'acme')
  dns.failWith(2)
  expect(await loadRoute(db, acme.tenantId, acme.user.cardId)).toMatchObject({ admission: 'unknown', envelopeSender: { value: 'anna@acme.test' } })
  forgetAdmissions()
  dns.failWith(null)
  const restore = shiftClock(60_000)
  try {
    expect(await findAdmission(db, 'acme.test')).toBe('refuses')
    dns.failWith(2)
    shiftClock(3600_000)
    expect(await findAdmission(db, 'acme.test'), 'answered at once, though it is old').toBe('refuses')
    forgetAdmissions()
    expect(await findAdmission(db, 'acme.test'), 'another process knows it from the database').toBe('refuses')
  } finally {
    shiftClock(-3600_000)
    restore()
  }
})

test('a decision is asked for once, kept as DNS says, and renewed behind the caller’s back', async () => {
  await using db = await testDb()
  await using dns = await useZone({ 'acme.test': spf('v=spf1 -all') })
  await Promise.all([findAdmission(db, 'acme.test'), findAdmission(db, 'acme.test')])
  await findAdmission(db, 'acme.test')
  expect(dns.questions).toEqual(['TXT acme.test'])
  dns.zone['acme.test'] = spf(`v=spf1 ip4:${relay} -all`)
  const restore = shiftClock(301_000)
  try {
    expect(await findAdmission(db, 'acme.test'), 'nobody waits for the renewal').toBe('refuses')
    await expect.poll(() => findAdmission(db, 'acme.test'), { interval: 5 }).toBe('admits')
  } finally {
    restore()
  }
})
