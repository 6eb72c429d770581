import { type LookUp, lookUp } from '@/lib/dns/look-up'
import { env } from '@/lib/env'
import type { Finding, FoundServer } from './discovery'
import { findByExchanger } from './find-provider'

type Asked = { local: string; domain: string; signal: AbortSignal }

/** DNS gave no answer: nothing is known about the domain. */
class NotLookedUp extends Error {}

/** RFC 6186 and 8314: the domain's SRV records, the ones with TLS from the first byte first. */
export async function askSrv({ local, domain, signal }: Asked): Promise<Finding | null> {
  const answers = await Promise.all([lookUp(`_submissions._tcp.${domain}`, 'SRV', { signal }), lookUp(`_submission._tcp.${domain}`, 'SRV', { signal })])
  const servers = answers.flatMap((answer, index) => serversOf(answer, { tls: index === 0 ? 'implicit' : 'starttls', username: `${local}@${domain}` }))
  if (servers.length > 0) return { servers, providerName: null }
  if (answers.some(({ status }) => status === 'failed')) throw new NotLookedUp()
  return null
}

function serversOf(answer: LookUp<'SRV'>, shared: Pick<FoundServer, 'tls' | 'username'>): FoundServer[] {
  if (answer.status !== 'found') return []
  return answer.records
    .filter(({ target }) => target !== '') // the root: the service is not offered
    .toSorted((one, other) => one.priority - other.priority || other.weight - one.weight)
    .map(({ target, port }) => ({ host: target, port, ...shared }))
}

const microsoftExchangers = /\.(mail\.protection\.(outlook|office365)\.(com|us)|mail\.protection\.partner\.outlook\.cn|mx\.microsoft)$/
const outlookComExchangers = /\.olc\.protection\.outlook\.com$/ // of personal mailboxes
const googleExchangers = /(^|\.)(aspmx\d*\.(l\.google|googlemail)\.com|smtp\.google\.com|.*\.aspmx\.l\.google\.com)$/

/** Whose servers take the domain's mail. When nobody is recognised, the names of its exchangers. Null: it takes none. */
export async function askMx({ local, domain, signal }: Asked): Promise<Finding | null> {
  const answer = await lookUp(domain, 'MX', { signal })
  if (answer.status === 'failed') throw new NotLookedUp()
  if (answer.status === 'none') return null
  const exchangers = answer.records
    .toSorted((one, other) => one.preference - other.preference)
    .map(({ exchange }) => exchange)
    .filter(name => name !== '') // the root: the domain takes no mail (RFC 7505)
  return exchangers.map(exchanger => recognise(exchanger, local, domain)).find(found => found !== null) ?? { servers: [], providerName: null, exchangers }
}

function recognise(exchanger: string, local: string, domain: string): Finding | null {
  const { microsoft365, gmail } = env.platform
  const username = `${local}@${domain}`
  if (microsoftExchangers.test(`.${exchanger}`)) return { servers: [{ ...microsoft365, tls: 'starttls', username }], providerName: 'Microsoft 365' }
  if (googleExchangers.test(exchanger)) return { servers: [{ ...gmail, tls: 'implicit', username }], providerName: 'Google Workspace' }
  const found = findByExchanger(exchanger, { local, domain })
  return found && outlookComExchangers.test(exchanger) ? { ...found, isPersonalMailbox: true } : found
}
