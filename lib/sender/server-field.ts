import type { Tls } from '@/db/schema'
import { hostToAscii } from './host-name'

type PortRange = { from: number; to: number }
/** Ports that may be chosen; those of `onLoopback` for this machine only (a sandbox). */
export type AllowedPorts = { anywhere: readonly PortRange[]; onLoopback: readonly PortRange[] }

type ServerProblem =
  | 'serverNoPort'
  | 'serverPortInvalid'
  | 'serverPortNotAllowed'
  | 'serverHasScheme'
  | 'serverHasSpace'
  | 'serverIsAddress'
  | 'serverNeedsBrackets'
  | 'serverTrailingDot'
  | 'serverHostInvalid'

type ParsedServer = { host: string; port: number } | { problem: ServerProblem; values: Record<string, string> }

/** Reads the one field `server:port`, and names what is wrong with it. Pure: the browser uses it too. */
export function parseServer(text: string, allowed: AllowedPorts): ParsedServer {
  const typed = text.trim()
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(typed)) return wrong('serverHasScheme')
  if (typed.includes('@')) return wrong('serverIsAddress')
  if (/\s/.test(typed)) return wrong('serverHasSpace')
  const literal = /^\[([0-9a-f:.]+)\](?::(.*))?$/i.exec(typed)
  if (!literal && typed.split(':').length > 2) return wrong('serverNeedsBrackets')
  const [hostText = '', portText] = literal ? [literal[1], literal[2]] : typed.split(':')
  if (hostText.endsWith('.')) return wrong('serverTrailingDot')
  const host = literal ? ipv6(hostText) : hostOrIpv4(hostText)
  if (!host) return wrong('serverHostInvalid')
  if (portText === undefined || portText === '') return wrong('serverNoPort', { host: hostText })
  if (!/^\d{1,5}$/.test(portText) || Number(portText) === 0 || Number(portText) > 65535) return wrong('serverPortInvalid')
  const port = Number(portText)
  const ranges = isLoopbackHost(host) ? [...allowed.anywhere, ...allowed.onLoopback] : allowed.anywhere
  if (!ranges.some(range => port >= range.from && port <= range.to))
    return wrong('serverPortNotAllowed', { port: String(port), ports: listPorts(allowed.anywhere) })
  return { host, port }
}

/** As it is typed: `host:port`, an IPv6 address in brackets. */
export const formatServer = ({ host, port }: { host: string; port: number }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

/** The host of what is typed, complete or not. */
export const hostTyped = (text: string) => text.trim().toLowerCase().replace(/:\d*$/, '')

/** The value of SSL/TLS that usually goes with a port. */
export const tlsForPort = (port: number): Tls => (port === 465 ? 'implicit' : 'starttls')

/** The port that usually goes with a value of SSL/TLS. */
export const portForTls = (tls: Tls): number => ({ none: 25, implicit: 465, starttls: 587 })[tls]

const microsoftHosts =
  /^(smtp\.office365\.(com|us)|smtp-legacy\.office365\.com|outlook\.office365\.com|smtp(-mail)?\.outlook\.com|smtp\.(live|hotmail)\.com|smtp\.partner\.outlook\.cn)$/

/** Microsoft's hosts that take a login, and soon only a consent. Its connectors (`…mail.protection.outlook.com`) take none. */
export const isMicrosoftHost = (host: string) => microsoftHosts.test(host.toLowerCase())

/** Google's hosts of mail, Gmail and Workspace. */
export const isGmailHost = (host: string) => ['smtp.gmail.com', 'smtp.googlemail.com', 'smtp-relay.gmail.com'].includes(host.toLowerCase())

/** Google shows an app password as four groups of letters; pasted with the blanks between them it is refused. No other password is ever altered. `gmailHost`: the platform profile's. */
export function stripAppPasswordBlanks(host: string, password: string, gmailHost = 'smtp.gmail.com'): { password: string; removed: boolean } {
  const letters = password.replace(/\s/g, '')
  const removed = (isGmailHost(host) || host === gmailHost) && letters !== password && /^[a-z]{16}$/i.test(letters)
  return { password: removed ? letters : password, removed }
}

const wrong = (problem: ServerProblem, values: Record<string, string> = {}) => ({ problem, values })

const listPorts = (ranges: readonly PortRange[]) => ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(', ')

const isLoopbackHost = (host: string) => host === 'localhost' || host === '::1' || host.startsWith('127.')

/** A name, or four plain numbers: `0x7f.1`, `127.1` and `0177.0.0.1` are other ways to write an address, and are refused. */
function hostOrIpv4(text: string): string | null {
  const host = hostToAscii(text)
  const last = host?.split('.').at(-1) ?? ''
  if (!host || !/^(\d+|0x[0-9a-f]*)$/.test(last)) return host
  const numbers = host.split('.')
  return numbers.length === 4 && numbers.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256) ? host : null
}

function ipv6(text: string): string | null {
  try {
    return new URL(`http://[${text}]`).hostname.slice(1, -1)
  } catch {
    return null
  }
}
