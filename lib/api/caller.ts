import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { env } from '@/lib/env'
import { derivedKey } from '@/lib/secret/keys'

/**
 * Whose address a request comes from. Web passes requests on and says for whom, under a seal that only processes with
 * our keys can make; what a client writes into such a header itself is worth nothing.
 */
export const callerHeader = 'x-posthorn-caller'

export const sealCaller = (address: string) => `${address} ${proofOf(address)}`

export function callerOf({ headers, socket }: IncomingMessage): string {
  const passed = headers[callerHeader]
  if (typeof passed === 'string') {
    const [address = '', proof = ''] = passed.split(' ')
    if (isIP(address) && isSame(proof, proofOf(address))) return address
  }
  const peer = socket.remoteAddress ?? ''
  return env.apiTrustedProxyHops > 0 ? (behindProxies(headers['x-forwarded-for'], env.apiTrustedProxyHops) ?? peer) : peer
}

/** The address that the outermost of our own proxies saw. */
export function behindProxies(header: string | string[] | undefined, hops: number): string | null {
  const chain = String(header ?? '')
    .split(',')
    .map(address => address.trim())
    .filter(Boolean)
  const seen = chain.at(-hops)
  return seen && isIP(seen) ? seen : null
}

let key: Buffer | undefined

function proofOf(address: string): string {
  key ??= derivedKey('api-caller')
  return createHmac('sha256', key).update(address).digest('base64url')
}

const isSame = (given: string, wanted: string) => given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted))
