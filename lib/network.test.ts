import { expect, test } from 'vitest'
import { parseNetwork, writeNetwork } from './network'

test.each(['10', '192.168.1/24', '010.0.0.1', '0x7f.1', '4294967295', 'fe80::1%eth0', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/ 8', '::ffff:0:0/90'])(
  '%j names no network: it would be another than was meant',
  text => expect(parseNetwork(text)).toBeNull(),
)

test.each([
  ['203.0.113.7', '203.0.113.7/32'],
  ['203.0.113.0/24', '203.0.113.0/24'],
  ['2001:DB8::9', '2001:db8::9/128'],
  ['::ffff:203.0.113.7', '203.0.113.7/32'],
  ['::ffff:127.0.0.0/104', '127.0.0.0/8'],
])('%s is the network %s', (text, written) => {
  const network = parseNetwork(text)
  expect(network && writeNetwork(network)).toBe(written)
})
