import { afterEach, expect, test } from 'vitest'
import { env } from '@/lib/env'
import { readSettings } from '@/lib/setting/read-settings'
import { isAdmitted, isAdmittedPort, resolveAdmitted } from './guard'

const configured = { ...env.smtp }
afterEach(() => void Object.assign(env.smtp, configured))
const asShipped = () => Object.assign(env.smtp, { allowCidrs: [], extraPorts: [] })
const letIn = (networks: string) => Object.assign(env.smtp, { allowCidrs: readSettings({ SMTP_ALLOW_CIDRS: networks }).smtp.allowCidrs })

test.each([
  ['8.8.8.8', true, 'globally routable'],
  ['2a00:1450:4010:c0f::6c', true, 'globally routable IPv6'],
  ['127.0.0.1', false, 'loopback'],
  ['127.8.9.1', false, 'all of loopback'],
  ['::1', false, 'IPv6 loopback'],
  ['0.0.0.0', false, 'unspecified: this machine on many systems'],
  ['::', false, 'unspecified'],
  ['10.1.2.3', false, 'private'],
  ['172.31.0.1', false, 'private'],
  ['192.168.1.1', false, 'private'],
  ['100.64.0.1', false, 'carrier-grade NAT'],
  ['169.254.169.254', false, 'a cloud’s metadata'],
  ['fd00:ec2::254', false, 'a cloud’s metadata over IPv6'],
  ['fe80::1', false, 'link-local'],
  ['fe80::1%eth0', false, 'link-local with a zone'],
  ['fc00::1', false, 'unique local'],
  ['224.0.0.1', false, 'multicast'],
  ['ff02::1', false, 'multicast'],
  ['255.255.255.255', false, 'broadcast'],
  ['192.0.2.1', false, 'documentation'],
  ['198.18.0.1', false, 'benchmarking'],
  ['::ffff:127.0.0.1', false, 'IPv4-mapped loopback'],
  ['::ffff:10.0.0.1', false, 'IPv4-mapped private'],
  ['::ffff:8.8.8.8', true, 'IPv4-mapped, routable'],
  ['::127.0.0.1', false, 'IPv4-compatible'],
  ['64:ff9b::7f00:1', false, 'NAT64 of loopback'],
  ['64:ff9b::a9fe:a9fe', false, 'NAT64 of the metadata address'],
  ['64:ff9b::808:808', true, 'NAT64 of a routable address'],
  ['64:ff9b:1::808:808', false, 'local-use NAT64'],
  ['2002:7f00:1::', false, '6to4'],
  ['2001:0:4136:e378::', false, 'Teredo'],
  ['2001:db8::1', false, 'documentation'],
  ['localhost', false, 'no address at all'],
])('an address %s is admitted: %s (%s)', (address, admitted, why) => {
  asShipped()
  expect(isAdmitted(address), why).toBe(admitted)
})

test('an operator lets a private network in, and nothing beside it', () => {
  letIn('10.1.0.0/16, fd12::/16, 192.168.5.5')
  expect(isAdmitted('10.1.9.9')).toBe(true)
  expect(isAdmitted('::ffff:10.1.9.9'), 'the same network, written as IPv6').toBe(true)
  expect(isAdmitted('fd12::5')).toBe(true)
  expect(isAdmitted('192.168.5.5')).toBe(true)
  expect(isAdmitted('10.2.0.1')).toBe(false)
  expect(isAdmitted('192.168.5.6')).toBe(false)
})

test('a network of IPv4 addresses that is written as IPv6 is let in all the same', () => {
  letIn('::ffff:10.1.0.0/112')
  expect(isAdmitted('10.1.9.9')).toBe(true)
  expect(isAdmitted('::ffff:10.1.9.9')).toBe(true)
  expect(isAdmitted('10.2.0.1')).toBe(false)
})

test('a sandbox reaches its own machine, on high ports too, and a live installation does not', async () => {
  asShipped()
  await expect(resolveAdmitted('127.0.0.1', 2525, 'sandbox')).resolves.toMatchObject({ addresses: [{ address: '127.0.0.1', family: 4 }] })
  await expect(resolveAdmitted('localhost', 587, 'sandbox')).resolves.toBeDefined()
  await expect(resolveAdmitted('127.0.0.1', 587, 'live')).rejects.toMatchObject({ code: 'notAdmitted', field: 'server' })
  await expect(resolveAdmitted('127.0.0.1', 2525, 'live')).rejects.toMatchObject({ code: 'portNotAdmitted' })
  await expect(resolveAdmitted('8.8.8.8', 2525, 'sandbox'), 'high ports are for this machine only').rejects.toMatchObject({ code: 'notAdmitted' })
  await expect(resolveAdmitted('127.0.0.1', 1023, 'sandbox')).rejects.toMatchObject({ code: 'portNotAdmitted' })
})

test('numbers that a resolver takes for this machine are refused like it', async () => {
  asShipped()
  for (const host of ['127.1', '0x7f000001', '2130706433', '0177.0.0.1']) {
    await expect(resolveAdmitted(host, 587, 'live'), host).rejects.toMatchObject({ name: 'Refusal' })
  }
})

test('only the platform’s ports and the operator’s are open', () => {
  Object.assign(env.smtp, { extraPorts: [{ from: 2500, to: 2599 }] })
  expect([25, 465, 587, 2500, 2599].every(isAdmittedPort)).toBe(true)
  expect([22, 80, 2499, 2600, 6379].some(isAdmittedPort)).toBe(false)
})
