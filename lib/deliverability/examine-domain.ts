import { type LookUpFailure, lookUp } from '@/lib/dns/look-up'
import { env } from '@/lib/env'
import { checkDmarc, type DmarcCheck } from './check-dmarc'
import { checkSpf, type SpfCheck } from './check-spf'
import { findDkimKeys } from './find-dkim-keys'
import { composeSpf, countLookUps, findSpfRecords, maxLookUps, type SpfCost } from './spf-record'

/** What DNS says about a mail domain, as a receiving server reads it. Null stands for *nobody could say*. */
export type DomainReport = {
  domain: string
  failure: LookUpFailure | null // why nothing can be said at all
  spf: {
    records: string[] | null
    relay: SpfCheck // of the address that the relay sends from
    missing: string[] // egress addresses that are not admitted
    cost: SpfCost | null
    hasTooManyLookUps: boolean
    proposed: string | null // the one record that admits all of them; null: nothing is missing, or nobody could say
  }
  dkim: string[] | null
  dmarc: DmarcCheck
  exchangers: string[] | null
}

/** Looks a domain up live: SPF with its cost, DKIM under the usual names, DMARC, MX. */
export async function examineDomain(domain: string): Promise<DomainReport> {
  const { egress, relay } = env.platform
  const [relayCheck, records, dkim, dmarc, mx] = await Promise.all([
    checkSpf(domain, relay.address),
    findSpfRecords(domain),
    findDkimKeys(domain),
    checkDmarc(domain),
    lookUp(domain, 'MX'),
  ])
  const exchangers = mx.status === 'failed' ? null : mx.status === 'found' ? mx.records.map(({ exchange }) => exchange) : []
  const [only] = records ?? []
  const cost = records?.length === 1 && only ? await countLookUps(only) : null
  const missing = records ? await notAdmitted(domain, [...new Set([relay.address, ...egress])]) : []
  return {
    domain,
    failure: records === null && exchangers === null ? (relayCheck.failure ?? 'timeout') : null,
    spf: {
      records,
      relay: relayCheck,
      missing,
      cost,
      hasTooManyLookUps: cost !== null && cost.total > maxLookUps,
      proposed: records && missing.length > 0 ? composeSpf(records, missing, exchangers ?? []) : null,
    },
    dkim,
    dmarc,
    exchangers,
  }
}

async function notAdmitted(domain: string, addresses: string[]): Promise<string[]> {
  const checks = await Promise.all(addresses.filter(address => !address.includes('/')).map(address => checkSpf(domain, address)))
  return checks.filter(({ result }) => result !== 'pass' && result !== 'temperror').map(({ ip }) => ip)
}
