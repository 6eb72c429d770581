import { decodePart, parseServerUrl } from '../setting/server-url'
import { WrongSettings } from '../setting/wrong-settings'
import type { SubmissionServer } from './submission'

/**
 * The platform relay as RELAY_URL names it: `smtp[s]://user:password@host:port`. `smtp` encrypts with STARTTLS, required;
 * `smtp://…?tls=none` is for a relay on the same machine or network.
 * @throws WrongSettings when the address is not one; it does not show the password
 */
export function parseRelay(text: string): SubmissionServer {
  const url = parseServerUrl('RELAY_URL', text)
  if (!['smtp:', 'smtps:'].includes(url.protocol) || !url.hostname) throw new WrongSettings('RELAY_URL must be smtp[s]://user:password@host:port')
  const isImplicit = url.protocol === 'smtps:'
  const username = decodePart('RELAY_URL', url.username)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isImplicit ? 465 : 25),
    tls: isImplicit ? 'implicit' : url.searchParams.get('tls') === 'none' ? 'none' : 'starttls',
    login: username ? { username, password: decodePart('RELAY_URL', url.password) } : null,
    trust: 'platform',
  }
}

/** RELAY_URL, as it was written, for the settings. @throws WrongSettings as `parseRelay` does */
export function relayUrl(text: string): string {
  parseRelay(text)
  return text
}
