import ipaddr from 'ipaddr.js'

/** Whose an address is, to count by: one household has many IPv6 addresses, and their first 64 bits in common. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  return parsed.kind() === 'ipv6' ? parsed.toByteArray().slice(0, 8).join('.') : parsed.toString()
}
