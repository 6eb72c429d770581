import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { env } from '@/lib/env'
import { lookUp } from './look-up'

export type FoundAddress = { address: string; family: 4 | 6 }

/** A name whose look-up gave no answer: it may well exist. */
class LookUpFailed extends Error {
  readonly code = 'EAI_AGAIN'
}

/**
 * Every address of a host: as the operating system finds it, or from the servers of `DNS_SERVERS`. Empty: there is none.
 * @throws LookUpFailed when nobody could say
 */
export async function findAddresses(host: string): Promise<FoundAddress[]> {
  const family = isIP(host)
  if (family === 4 || family === 6) return [{ address: host, family }]
  return env.dns.servers.length > 0 && host !== 'localhost' ? fromServers(host) : fromSystem(host)
}

async function fromSystem(host: string): Promise<FoundAddress[]> {
  try {
    const found = await lookup(host, { all: true, verbatim: true })
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAI_AGAIN') throw new LookUpFailed(`${host}: no answer`, { cause: error })
    return []
  }
}

async function fromServers(host: string): Promise<FoundAddress[]> {
  const [v6, v4] = await Promise.all([lookUp(host, 'AAAA'), lookUp(host, 'A')])
  const found = [
    ...(v4.status === 'found' ? v4.records.map(address => ({ address, family: 4 as const })) : []),
    ...(v6.status === 'found' ? v6.records.map(address => ({ address, family: 6 as const })) : []),
  ]
  if (found.length === 0 && (v4.status === 'failed' || v6.status === 'failed')) throw new LookUpFailed(`${host}: no answer`)
  return found
}
