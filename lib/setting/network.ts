import { isIP } from 'node:net'

/** One of SMTP_EXTRA_PORTS: a port, or a range of them. */
export function portRange(text: string) {
  const [from, to = from] = text.split('-').map(Number)
  if (!from || !to || from > to || to > 65535) throw new Error(`SMTP_EXTRA_PORTS: "${text}" is neither a port nor a range`)
  return { from, to }
}

/** One of DNS_SERVERS. */
export function dnsServer(text: string) {
  const [, literal, plain, port = '53'] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(isIP(text) === 6 ? `[${text}]` : text) ?? []
  const address = literal ?? plain ?? ''
  if (!isIP(address)) throw new Error(`DNS_SERVERS: "${text}" is not an address with a port, such as 192.0.2.53:53`)
  return { address, port: Number(port) }
}
