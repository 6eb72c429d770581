import { isIP } from 'node:net'
import { type Network, parseNetwork } from '../network'
import { WrongSettings } from './wrong-settings'

/** One of SMTP_EXTRA_PORTS: a port, or a range of them. */
export function portRange(text: string) {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  const [from, to] = [Number(first), Number(last)]
  if (!isPort(from) || !isPort(to) || from > to) throw new WrongSettings(`SMTP_EXTRA_PORTS: "${text}" is neither a port nor a range`)
  return { from, to }
}

/** One of DNS_SERVERS. */
export function dnsServer(text: string) {
  const [, literal, plain, port = '53'] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(isIP(text) === 6 ? `[${text}]` : text) ?? []
  const address = literal ?? plain ?? ''
  if (!isIP(address) || !isPort(Number(port))) throw new WrongSettings(`DNS_SERVERS: "${text}" is not an address with a port, such as 192.0.2.53:53`)
  return { address, port: Number(port) }
}

/** One of SMTP_ALLOW_CIDRS. */
export function cidr(text: string): Network {
  const network = parseNetwork(text)
  if (!network) throw new WrongSettings(`SMTP_ALLOW_CIDRS: "${text}" is not a network such as 10.1.0.0/16`)
  return network
}

/**
 * APP_URL: where people find the pages. What is built upon it begins with a slash, so one at its end goes.
 * @throws WrongSettings also for a path, below which nothing of ours answers
 */
export function appUrl(text: string): string {
  if (!isOrigin(text, /^https?:$/)) throw new WrongSettings('APP_URL must be https://host or http://host:port, without a path')
  return text.replace(/\/$/, '')
}

/** API_URL: where web finds an engine, which speaks plain HTTP. */
export function apiUrl(text: string): string {
  if (!isOrigin(text, /^http:$/)) throw new WrongSettings('API_URL must be http://host:port, without a path')
  return text
}

/** Scheme, host and port, and no login, which links and logs would show. */
function isOrigin(text: string, schemes: RegExp): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, pathname, search, hash } = new URL(text)
  return schemes.test(protocol) && hostname !== '' && pathname === '/' && [username, password, search, hash].every(part => part === '')
}

const isPort = (port: number) => port >= 1 && port <= 65535
