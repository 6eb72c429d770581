import type { IncomingMessage } from 'node:http'
import { behindProxies } from '@/lib/api/caller'

const forwarding = /^(x-forwarded-|forwarded$|x-real-ip$|x-client-ip$|true-client-ip$|cf-connecting-ip$|via$)/
const ours = /^x-posthorn-/
const maxBodyBytes = 1024 * 1024

/**
 * Next believes forwarding headers, so what a client sends of them is taken away. Behind `trustedHops` reverse proxies the
 * address that the outermost of them saw is put back, and the name that the operator gave this installation.
 */
export function cleanHeaders(request: IncomingMessage, { trustedHops, appUrl }: { trustedHops: number; appUrl: string }): void {
  const { headers } = request
  const client = trustedHops > 0 ? behindProxies(headers['x-forwarded-for'], trustedHops) : null
  let wasForwarded = false
  for (const name of Object.keys(headers)) {
    if (forwarding.test(name)) wasForwarded = true
    if (forwarding.test(name) || ours.test(name)) delete headers[name]
  }
  headers['x-posthorn-peer'] = request.socket.remoteAddress ?? ''
  if (wasForwarded) headers['x-posthorn-forwarded'] = '1'
  if (trustedHops === 0) return
  if (client) headers['x-forwarded-for'] = client
  const { protocol, host } = new URL(appUrl)
  headers['x-forwarded-proto'] = protocol.slice(0, -1)
  headers['x-forwarded-host'] = host
}

/** The status that turns a body away before it is read: no length is given, or too much is announced. Null: let it in. */
export function refuseBody({ headers }: IncomingMessage): 411 | 413 | null {
  if (headers['transfer-encoding'] !== undefined) return 411
  return Number(headers['content-length'] ?? 0) > maxBodyBytes ? 413 : null
}
