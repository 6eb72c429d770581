import { isIP } from 'node:net'
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

const isPort = (port: number) => port >= 1 && port <= 65535
