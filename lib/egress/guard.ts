import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { type FoundAddress, findAddresses } from '@/lib/dns/find-addresses'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import type { Mode } from '@/lib/installation/mode'
import { type Address, isInNetwork } from '@/lib/network'

type AdmittedAddress = FoundAddress

const globalUnicast = ipaddr.parseCIDR('2000::/3') // RFC 4291 section 2.4, as far as it is given out
const nat64 = ipaddr.parseCIDR('64:ff9b::/96') // RFC 6052 section 2.1

/**
 * The one guard of connections to names that a person typed. The name is looked up once and every address of it
 * must be admitted; the caller connects to one of the addresses given back, never to the name again.
 * @throws Refusal `portNotAdmitted`, `hostNotFound` or `notAdmitted`, at field `server`
 */
export const resolveAdmitted = (host: string, port: number, mode: Mode) => admit({ host, port, mode, isUsualPort: isAdmittedPort(port) })

/** The same for https: its port is open, too. A redirect is another connection and comes here again. */
export const resolveAdmittedForHttps = (host: string, port: number, mode: Mode) =>
  admit({ host, port, mode, isUsualPort: port === 443 || isAdmittedPort(port) })

async function admit({ host, port, mode, isUsualPort }: { host: string; port: number; mode: Mode; isUsualPort: boolean }) {
  const isHighPort = mode === 'sandbox' && port >= 1024 && port <= 65535
  if (!isUsualPort && !isHighPort) throw new Refusal('portNotAdmitted', 'server', { port })
  const addresses = await addressesOf(host)
  const admits = isUsualPort ? (address: string) => isAdmitted(address, mode) : isLoopback // a sandbox's high ports exist on this machine only
  if (!addresses.every(({ address }) => admits(address))) throw new Refusal('notAdmitted', 'server', { host })
  return { addresses }
}

/** The look-up of a connection that goes to what was admitted, whatever the name says a moment later. */
export const pinnedTo =
  (addresses: AdmittedAddress[]): LookupFunction =>
  (_host, options, callback) =>
    options.all ? callback(null, addresses) : callback(null, addresses[0]?.address ?? '', addresses[0]?.family)

/** Whether a connection to this address may be opened: globally routable, let in by the operator, or a sandbox's own machine. */
export function isAdmitted(address: string, mode: Mode = 'live'): boolean {
  const ip = unwrap(address)
  if (!ip) return false
  if (env.smtp.allowCidrs.some(network => isInNetwork(ip, network))) return true
  if (mode === 'sandbox' && ip.range() === 'loopback') return true
  return ip.range() === 'unicast' && (ip.kind() === 'ipv4' || isInNetwork(ip, globalUnicast))
}

/** Ports of the platform and those that the operator added. */
export const isAdmittedPort = (port: number) => env.platform.smtpPorts.includes(port) || env.smtp.extraPorts.some(({ from, to }) => port >= from && port <= to)

/** A look-up that gave no answer is thrown on: the name may well exist. */
async function addressesOf(host: string): Promise<AdmittedAddress[]> {
  const family = isIP(host)
  if (family === 4 || family === 6) return [{ address: host, family }]
  const found = await findAddresses(host)
  if (found.length === 0) throw new Refusal('hostNotFound', 'server', { host })
  return found
}

const isLoopback = (address: string) => unwrap(address)?.range() === 'loopback'

/** The address that is meant in the end: an IPv4 address inside an IPv6 one (mapped, or of NAT64) is judged as IPv4. */
function unwrap(address: string): Address | null {
  const [withoutZone = ''] = address.split('%')
  if (!ipaddr.isValid(withoutZone)) return null
  const ip = ipaddr.process(withoutZone)
  return isInNetwork(ip, nat64) ? new ipaddr.IPv4(ip.toByteArray().slice(12)) : ip
}
