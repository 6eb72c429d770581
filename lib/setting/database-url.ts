import { existsSync } from 'node:fs'
import { parseServerUrl } from './server-url'
import { WrongSettings } from './wrong-settings'

const postgresUrl = /^postgres(ql)?:\/\//i
const otherUrl = /^[a-z][a-z\d+.-]+:|:\/\//i // one letter and a colon may be a drive
const quoted = /^["'`]/

export const isPostgresUrl = (text: string): boolean => postgresUrl.test(text)

/**
 * DATABASE_URL, as it was written. What is no URL of PostgreSQL is the path of a file, and a file is made where there is none: so nothing else may pass for one.
 * @throws WrongSettings when DATABASE_URL is neither
 */
export function databaseUrl(text: string): string {
  if (quoted.test(text)) throw new WrongSettings('DATABASE_URL begins with a quotation mark; set it without quotes')
  if (isPostgresUrl(text)) assertPostgresUrl(text)
  else if (otherUrl.test(text)) throw new WrongSettings('DATABASE_URL must be postgres://user:password@host/database or the path of a SQLite file')
  return text
}

function assertPostgresUrl(text: string): void {
  const url = parseServerUrl('DATABASE_URL', text.replace('@/', '@localhost/')) // without a host, as node-postgres takes it, it is none to `new URL`
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const file = url.searchParams.get(name)
    if (file && !existsSync(file)) throw new WrongSettings(`DATABASE_URL: ${name} names ${file}, which does not exist`)
  }
  assertEncryption(url.searchParams)
}

const sslModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] // those of node-postgres; it takes any other word for `verify-full`

function assertEncryption(parameters: URLSearchParams): void {
  const [mode, ssl, negotiation] = ['sslmode', 'ssl', 'sslnegotiation'].map(name => parameters.get(name))
  if (mode && !sslModes.includes(mode)) throw new WrongSettings(`DATABASE_URL: sslmode must be one of ${sslModes.join(', ')}`)
  if (negotiation && !['postgres', 'direct'].includes(negotiation)) throw new WrongSettings('DATABASE_URL: sslnegotiation must be postgres or direct')
  if (negotiation === 'direct' && (mode === 'disable' || ssl === '0'))
    throw new WrongSettings('DATABASE_URL: sslnegotiation=direct is for encrypted connections')
}
