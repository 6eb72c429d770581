import { type LookUpFailure, lookUp } from '@/lib/dns/look-up'

const asked = ['A', 'AAAA', 'MX', 'TXT'] as const

/**
 * Our look-ups in the shape that mailauth takes: rows, or an error with the code of node:dns. Remembers the shortest time
 * that anything it said may be kept, and whether a question had no answer.
 */
export function mailResolver({ patienceMs }: { patienceMs?: number } = {}) {
  const heard = { ttlSeconds: 3600, failure: null as LookUpFailure | null }
  const resolve = async (name: string, type: string) => {
    const known = asked.find(wanted => wanted === type)
    if (!known) throw noAnswer('ENODATA') // PTR, which SPF says not to use
    const answer = await lookUp(name, known, patienceMs === undefined ? {} : { patienceMs })
    heard.ttlSeconds = Math.min(heard.ttlSeconds, answer.ttlSeconds)
    if (answer.status === 'failed') {
      heard.failure = answer.reason
      throw noAnswer('ETIMEOUT')
    }
    if (answer.status === 'none') throw noAnswer(answer.isNoSuchName ? 'ENOTFOUND' : 'ENODATA')
    return answer.records.map(record => {
      if (typeof record === 'string') return known === 'TXT' ? [record] : record
      return 'exchange' in record ? { exchange: record.exchange, priority: record.preference } : record
    })
  }
  return { resolve, heard }
}

const noAnswer = (code: string) => Object.assign(new Error(code), { code })
