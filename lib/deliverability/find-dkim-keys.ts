import { lookUp } from '@/lib/dns/look-up'

/** Names under which providers keep the keys of their customers. A domain may sign with any other; no list of them can be asked for. */
const usualSelectors = [
  ...['default', 'dkim', 'mail', 'email', 'smtp', 'key1', 'key2', 's1', 's2', 'k1', 'k2', 'k3'],
  ...[
    'selector1',
    'selector2',
    'google',
    'zone',
    'x',
    'home',
    'nazwa',
    'mxvault',
    'everlytickey1',
    'sig1',
    'fm1',
    'fm2',
    'fm3',
    'protonmail',
    'zoho',
    'mandrill',
    'ovh',
    'mailo',
  ],
]

/** Keys that were found under the usual names. Null: nobody could say. */
export async function findDkimKeys(domain: string): Promise<string[] | null> {
  const answers = await Promise.all(usualSelectors.map(async selector => ({ selector, answer: await lookUp(`${selector}._domainkey.${domain}`, 'TXT') })))
  const found = answers.filter(({ answer }) => answer.status === 'found' && answer.records.some(isKey)).map(({ selector }) => selector)
  return found.length === 0 && answers.some(({ answer }) => answer.status === 'failed') ? null : found
}

/** An empty `p=` is a key that was withdrawn. */
const isKey = (text: string) => /(^|;)\s*p=\s*[A-Za-z0-9+/]/.test(text)
