import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

export type Address = ipaddr.IPv4 | ipaddr.IPv6
/** Addresses whose first bits are those of this one. */
export type Network = readonly [first: Address, bits: number]

/**
 * An address or a network that a person wrote; null when it is neither. Stricter than ipaddr.js, which takes `10` for 0.0.0.10 and
 * `010.0.0.1` for 8.0.0.1: who means another network lets others in. One of IPv4 addresses written as IPv6 is read as IPv4, as
 * callers and servers are known by that.
 */
export function parseNetwork(text: string): Network | null {
  const [written = '', bits, ...more] = text.split('/')
  if (isIP(written) === 0 || written.includes('%') || more.length > 0) return null
  const address = ipaddr.parse(written)
  const most = address.kind() === 'ipv4' ? 32 : 128
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)) return null
  return unmapped([address, bits === undefined ? most : Number(bits)])
}

/** Null for one that reaches beyond the IPv4 addresses. */
function unmapped([address, bits]: Network): Network | null {
  if (!(address instanceof ipaddr.IPv6) || !address.isIPv4MappedAddress()) return [address, bits]
  return bits < 96 ? null : [address.toIPv4Address(), bits - 96]
}

/** One way of writing it, which `parseNetwork` reads again. */
export const writeNetwork = ([first, bits]: Network) => `${first}/${bits}`

/** Never of an address and a network of different families: who asks unwraps an IPv4 address inside an IPv6 one. */
export const isInNetwork = (address: Address, [first, bits]: Network) => address.kind() === first.kind() && address.match(first, bits)

/** Whose an address is, to count by: one household has many IPv6 addresses, and their first 64 bits in common. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  return parsed.kind() === 'ipv6' ? parsed.toByteArray().slice(0, 8).join('.') : parsed.toString()
}
