import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { shiftClock } from '@/lib/clock'
import { resolveAdmitted, resolveAdmittedForHttps } from '@/lib/egress/guard'
import { env } from '@/lib/env'
import { changed } from '@/lib/testing/changed'
import { useZone } from '@/lib/testing/use-zone'
import { findAddresses } from './find-addresses'
import { forgetLookUps, lookUp } from './look-up'
import { decodeAnswer, encodeQuestion } from './packet'

const long = `v=spf1 ${'ip4:192.0.2.1 '.repeat(30)}-all`

test('records of a mail domain are read as they are', async () => {
  await using _ = await useZone({
    'acme.test': { MX: ['10 MX.acme.test'], TXT: [long, 'other'], A: ['127.0.0.1'] },
    '_submissions._tcp.acme.test': { SRV: ['0 1 465 smtp.acme.test'] },
    'www.acme.test': { CNAME: ['acme.test'] },
  })
  expect(await lookUp('ACME.test.', 'MX')).toMatchObject({ status: 'found', records: [{ preference: 10, exchange: 'mx.acme.test' }], ttlSeconds: 300 })
  expect(await lookUp('acme.test', 'TXT'), 'a text of several strings is one text').toMatchObject({ records: [long, 'other'] })
  expect(await lookUp('_submissions._tcp.acme.test', 'SRV')).toMatchObject({ records: [{ priority: 0, weight: 1, port: 465, target: 'smtp.acme.test' }] })
  expect(await findAddresses('acme.test')).toEqual([{ address: '127.0.0.1', family: 4 }])
  expect(await findAddresses('127.0.0.9'), 'an address is looked up nowhere').toEqual([{ address: '127.0.0.9', family: 4 }])
})

test('an answer that does not fit into a datagram is fetched over TCP', async () => {
  const longer = `v=spf1 ${'ip4:192.0.2.1 '.repeat(150)}-all`
  await using dns = await useZone({ 'acme.test': { TXT: [long, longer] }, 'short.test': { TXT: [long] } })
  expect(await lookUp('acme.test', 'TXT')).toMatchObject({ status: 'found', records: [long, longer], ttlSeconds: 300 })
  expect(dns.questionsOverTcp).toEqual(['TXT acme.test'])
  expect(await lookUp('short.test', 'TXT')).toMatchObject({ records: [long] })
  expect(dns.questionsOverTcp, 'one that fits is not asked for twice').toHaveLength(1)
})

test('“there is none” and “nobody could say” are two answers', async () => {
  await using dns = await useZone({ 'acme.test': { A: ['127.0.0.1'] } })
  expect(await lookUp('acme.test', 'MX')).toMatchObject({ status: 'none', isNoSuchName: false })
  expect(await lookUp('nowhere.test', 'MX')).toMatchObject({ status: 'none', isNoSuchName: true })
  dns.failWith(2)
  expect(await lookUp('acme.test', 'TXT')).toMatchObject({ status: 'failed', reason: 'serverFailed' })
  await expect(findAddresses('other.test')).rejects.toMatchObject({ code: 'EAI_AGAIN' })
})

test('an answer is kept as long as DNS says, a failure only for a moment', async () => {
  await using dns = await useZone({ 'acme.test': { TXT: ['v=spf1 -all'] } })
  await Promise.all([lookUp('acme.test', 'TXT'), lookUp('acme.test', 'TXT')])
  await lookUp('acme.test', 'TXT')
  expect(dns.questions, 'asked once, by two at the same time too').toEqual(['TXT acme.test'])
  const restore = shiftClock(299_000)
  try {
    await lookUp('acme.test', 'TXT')
    expect(dns.questions).toHaveLength(1)
    shiftClock(2_000)
    await lookUp('acme.test', 'TXT')
    expect(dns.questions, 'after its 300 seconds it is asked again').toHaveLength(2)
    dns.failWith(2)
    await lookUp('acme.test', 'MX')
    dns.failWith(null)
    shiftClock(11_000)
    expect(await lookUp('acme.test', 'MX')).toMatchObject({ status: 'none' })
  } finally {
    shiftClock(-13_000)
    restore()
  }
})

test('a server that never answers costs the caller no more than their patience', async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1')
  await once(silent, 'listening')
  using _servers = changed(env.dns, { servers: [{ address: '127.0.0.1', port: silent.address().port }] })
  forgetLookUps()
  try {
    expect(await lookUp('acme.test', 'TXT', { patienceMs: 20 })).toMatchObject({ status: 'failed', reason: 'timeout' })
    expect(await lookUp('acme.test', 'MX', { signal: AbortSignal.abort() })).toMatchObject({ status: 'failed', reason: 'timeout' })
  } finally {
    silent.close()
  }
})

test('names that are never on the internet are not asked for', async () => {
  for (const name of ['acme.test', 'mail.local', 'printer', 'x.invalid', 'a.home.arpa'])
    expect(await lookUp(name, 'MX'), name).toMatchObject({ status: 'failed', reason: 'notPublic' })
})

test('the guard judges what the configured servers say, all addresses of it', async () => {
  await using _ = await useZone({
    'smtp.acme.test': { A: ['127.0.0.1'] },
    'split.test': { A: ['127.0.0.1', '169.254.169.254'] },
  })
  expect(await resolveAdmitted('smtp.acme.test', 587, 'sandbox')).toEqual({ addresses: [{ address: '127.0.0.1', family: 4 }] })
  await expect(resolveAdmitted('split.test', 587, 'sandbox'), 'one private address is enough').rejects.toMatchObject({ code: 'notAdmitted' })
  await expect(resolveAdmitted('nowhere.test', 587, 'sandbox')).rejects.toMatchObject({ code: 'hostNotFound' })
})

test('port 443 is open for https and for nothing else', async () => {
  using _asShipped = changed(env.smtp, { allowCidrs: [], extraPorts: [] })
  await expect(resolveAdmitted('8.8.8.8', 443, 'live')).rejects.toMatchObject({ code: 'portNotAdmitted' })
  expect(await resolveAdmittedForHttps('8.8.8.8', 443, 'live')).toBeDefined()
  await expect(resolveAdmittedForHttps('8.8.8.8', 8080, 'live')).rejects.toMatchObject({ code: 'portNotAdmitted' })
  await expect(resolveAdmittedForHttps('127.0.0.1', 443, 'live')).rejects.toMatchObject({ code: 'notAdmitted' })
})

test('an answer of a hostile server ends, whatever its bytes say', () => {
  const question = { name: 'acme.test', type: 'MX' } as const
  const asked = encodeQuestion(7, question)
  const hostile = (tail: number[]) => {
    const message = Buffer.concat([asked.subarray(0, 12), asked.subarray(12, 27), Buffer.from(tail)])
    message.writeUInt16BE(0x8180, 2) // an answer
    message.writeUInt16BE(1, 6) // with one record
    message.writeUInt16BE(0, 10)
    return () => decodeAnswer(message, 7, question)
  }
  expect(hostile([0xc0, 27, 0, 15]), 'a name that points at itself').toThrow()
  expect(hostile([0xc0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0xff, 0xff, 0, 10]), 'a record longer than its message').toThrow()
  expect(hostile([63, 1, 2]), 'a label cut off').toThrow()
  expect(decodeAnswer(asked, 7, question), 'a question is no answer').toBeNull()
})
