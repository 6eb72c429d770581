import type { LookUpFailure } from '@/lib/dns/look-up'
import { mailResolver } from './mail-resolver'

type DmarcPolicy = 'none' | 'quarantine' | 'reject'

/** A domain's DMARC policy (RFC 7489). `policy` null: it has none, or nobody could say. `orgDomain`: what alignment is measured by. */
export type DmarcCheck = { policy: DmarcPolicy | null; record: string | null; orgDomain: string; isSpfStrict: boolean; failure: LookUpFailure | null }

const policies: readonly DmarcPolicy[] = ['none', 'quarantine', 'reject']

/** Looks the policy up; where the domain itself has none, that of its organisation counts. */
export async function checkDmarc(domain: string): Promise<DmarcCheck> {
  const { resolve, heard } = mailResolver()
  const { dmarc } = await import('mailauth/lib/dmarc/index.js')
  const found = await dmarc({ headerFrom: `postmaster@${domain}`, resolver: resolve as never })
  const nothing = { policy: null, record: null, orgDomain: domain, isSpfStrict: false, failure: null }
  if (!found) return nothing
  const orgDomain = found.domain || domain
  if (found.status.result === 'temperror') return { ...nothing, orgDomain, failure: heard.failure ?? 'serverFailed' }
  const record = found.rr ?? null
  const policy = policies.find(known => known === found.policy?.trim().toLowerCase()) ?? (record ? 'none' : null)
  return { policy, record, orgDomain, isSpfStrict: /(^|;)\s*aspf\s*=\s*s\s*(;|$)/i.test(record ?? ''), failure: null }
}

/** Whether mail with this envelope domain counts as the From domain's own: the same one, or, relaxed, one of the same organisation. */
export function isAligned(envelopeDomain: string, fromDomain: string, { orgDomain, isSpfStrict }: DmarcCheck): boolean {
  return envelopeDomain === fromDomain || (!isSpfStrict && (envelopeDomain === orgDomain || envelopeDomain.endsWith(`.${orgDomain}`)))
}
