import { createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { env } from '@/lib/env'
import { unavailable } from '@/lib/errors'
import { log } from '@/lib/log'
import { isSameSecret } from '@/lib/secret/is-same-secret'
import { derivedKeys } from '@/lib/secret/keys'

/**
 * Whose address a request comes from. Web passes requests on and says for whom, under a seal that only processes with
 * our keys can make; what a client writes into such a header itself is worth nothing. Without its seal nobody is let in: a web
 * that has a key which this process does not know yet would lend its own address to everybody.
 */
export const callerHeader = 'x-posthorn-caller'

/** For web: the header's value for a request that it passes on. */
export function sealCaller(address: string): string {
  const [proof] = proofsOf(address)
  return `${address} ${proof}`
}

/** @throws Refusal `unavailable` for a caller under a seal that none of our keys made */
export function callerOf({ headers, socket }: IncomingMessage): string {
  const passed = headers[callerHeader]
  if (typeof passed === 'string') {
    const address = openSeal(passed)
    if (address) return address
    log.error({ event: 'callerSeal', peer: socket.remoteAddress }, 'a request says for whom it comes under a seal that none of POSTHORN_KEYS made')
    throw unavailable()
  }
  const peer = socket.remoteAddress ?? ''
  return env.apiTrustedProxyHops > 0 ? (behindProxies(headers['x-forwarded-for'], env.apiTrustedProxyHops) ?? peer) : peer
}

/** Whether web sends this request, for whomever. */
export const isFromWeb = ({ headers }: IncomingMessage): boolean => {
  const passed = headers[callerHeader]
  return typeof passed === 'string' && openSeal(passed) !== null
}

/** Null: none of our keys made it. */
function openSeal(passed: string): string | null {
  const [address = '', proof = ''] = passed.split(' ')
  return isIP(address) && proofsOf(address).some(wanted => isSameSecret(proof, wanted)) ? address : null
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

let keys: Buffer[] | undefined

/** By each of our keys, the first first: while they are rotated, web may still seal with the one of before. */
function proofsOf(address: string): string[] {
  keys ??= derivedKeys('api-caller')
  return keys.map(key => createHmac('sha256', key).update(address).digest('base64url'))
}
