import type { SubmissionServer } from './submission'

/**
 * The platform relay as RELAY_URL names it: `smtp[s]://user:password@host:port`. `smtp` encrypts with STARTTLS, required;
 * `smtp://…?tls=none` is for a relay on the same machine or network.
 * @throws Error when the address is not one
 */
export function parseRelay(relayUrl: string): SubmissionServer {
  const url = new URL(relayUrl)
  if (!['smtp:', 'smtps:'].includes(url.protocol) || !url.hostname) throw new Error('RELAY_URL must be smtp[s]://user:password@host:port')
  const isImplicit = url.protocol === 'smtps:'
  const username = decodeURIComponent(url.username)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isImplicit ? 465 : 25),
    tls: isImplicit ? 'implicit' : url.searchParams.get('tls') === 'none' ? 'none' : 'starttls',
    login: username ? { username, password: decodeURIComponent(url.password) } : null,
    trust: 'platform',
  }
}
