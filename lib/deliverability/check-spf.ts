import type { LookUpFailure } from '@/lib/dns/look-up'
import { env } from '@/lib/env'
import { mailResolver } from './mail-resolver'

type SpfResult = 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'permerror' | 'temperror'

/** What a receiving server finds when mail with this envelope domain comes from `ip`. `failure`: why nobody could say. */
export type SpfCheck = { result: SpfResult; ip: string; ttlSeconds: number; failure: LookUpFailure | null; text: string }

const results: readonly SpfResult[] = ['pass', 'fail', 'softfail', 'neutral', 'none', 'permerror', 'temperror']

/** Evaluates SPF (RFC 7208) as a receiver does, with its limit of ten look-ups. */
export async function checkSpf(domain: string, ip: string, { patienceMs }: { patienceMs?: number } = {}): Promise<SpfCheck> {
  const { resolve, heard } = mailResolver(patienceMs === undefined ? {} : { patienceMs })
  const { spf } = await import('mailauth/lib/spf/index.js') // much to load for what an engine seldom asks
  const { host } = env.platform.relay
  const { status } = await spf({ sender: `postmaster@${domain}`, ip, helo: host, mta: host, resolver: resolve as never })
  const result = results.find(known => known === status.result) ?? 'temperror'
  return { result, ip, ttlSeconds: heard.ttlSeconds, failure: result === 'temperror' ? (heard.failure ?? 'serverFailed') : null, text: status.comment || '' }
}
