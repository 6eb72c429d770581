import { headers } from 'next/headers'
import { env } from '@/lib/env'

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
const ownHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/** The network address that asks. `bin/web` writes both headers itself, whatever the client sent. */
export async function findPeer(): Promise<string | undefined> {
  const sent = await headers()
  const forwarded = env.trustedProxyHops > 0 ? sent.get('x-forwarded-for')?.split(',')[0]?.trim() : undefined
  return forwarded || (sent.get('x-posthorn-peer') ?? undefined)
}

/** Whether the person sits at this very machine: loopback peer, a Host that says so, nothing forwarded in between. */
export async function isAtThisMachine(): Promise<boolean> {
  const sent = await headers()
  const peer = sent.get('x-posthorn-peer')
  const isLoopback = peer === null ? !env.isProduction : loopback.has(peer) // `next dev` runs without bin/web
  return isLoopback && ownHost.test(sent.get('host') ?? '') && !sent.has('x-posthorn-forwarded')
}
