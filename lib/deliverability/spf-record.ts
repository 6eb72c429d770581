import { lookUp } from '@/lib/dns/look-up'

/** SPF allows ten look-ups (RFC 7208, 4.6.4); more make the whole record an error. */
export const maxLookUps = 10
const enough = 40

/** What of a record costs look-ups: each term with all that it leads to. */
export type SpfCost = { total: number; terms: { term: string; lookUps: number }[] }

const isSpf = (text: string) => /^v=spf1( |$)/i.test(text)

/** The SPF records among a domain's texts; there must be no more than one. Null: nobody could say. */
export async function findSpfRecords(domain: string): Promise<string[] | null> {
  const answer = await lookUp(domain, 'TXT')
  if (answer.status === 'failed') return null
  return answer.status === 'found' ? answer.records.filter(isSpf) : []
}

/** Counts the look-ups of a whole record, included ones too, as a server that has to read it to its end. */
export async function countLookUps(record: string): Promise<SpfCost> {
  return cost(record, { left: enough })
}

async function cost(record: string, budget: { left: number }): Promise<SpfCost> {
  const terms: SpfCost['terms'] = []
  for (const term of record.trim().split(/\s+/).slice(1)) {
    const [, name = '', domain] = /^[+?~-]?([a-z]+)(?:[:=]([^/\s]+))?/i.exec(term) ?? []
    if (!/^(include|redirect|a|mx|ptr|exists)$/i.test(name) || budget.left <= 0) continue
    budget.left--
    const leadsOn = /^(include|redirect)$/i.test(name) && domain && !domain.includes('%')
    const [next] = leadsOn ? ((await findSpfRecords(domain)) ?? []) : []
    terms.push({ term, lookUps: 1 + (next ? (await cost(next, budget)).total : 0) })
  }
  return { total: terms.reduce((sum, { lookUps }) => sum + lookUps, 0), terms }
}

const includeOf: [RegExp, string][] = [
  [/\.mail\.protection\.outlook\.com$|\.mx\.microsoft$/, 'include:spf.protection.outlook.com'],
  [/(^|\.)(google|googlemail)\.com$/, 'include:_spf.google.com'],
]

/**
 * The one record that admits these addresses too: the domain's own with them put first, so that they count whatever follows, even
 * past the tenth look-up. Several records become one, because two are an error; without any, whoever takes the domain's mail is admitted.
 */
export function composeSpf(records: string[], addresses: string[], exchangers: string[] = []): string {
  const admitted = addresses.map(address => `${address.includes(':') ? 'ip6' : 'ip4'}:${address}`)
  const terms = records.flatMap(record => record.trim().split(/\s+/).slice(1))
  const isEnd = (term: string) => /^([+?~-]?all$|redirect=)/i.test(term)
  const known = new Map([...admitted, ...terms.filter(term => !isEnd(term))].map(term => [term.toLowerCase().replace(/^\+/, ''), term]))
  const ends = terms.filter(isEnd)
  const all = ends.find(term => /all$/i.test(term)) // it outweighs a redirect
  const end = all ?? ends[0] ?? '~all'
  const usual = records.length > 0 ? [] : [includeOf.find(([pattern]) => exchangers.some(name => pattern.test(name)))?.[1] ?? 'mx']
  return ['v=spf1', ...known.values(), ...usual, end].join(' ')
}
