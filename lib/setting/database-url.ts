import { parseServerUrl } from './server-url'

/** @throws WrongSettings when DATABASE_URL is a URL that nobody can read */
export function assertDatabaseUrl(text: string): void {
  if (!text.startsWith('postgres')) return
  parseServerUrl('DATABASE_URL', text.replace('@/', '@localhost/')) // without a host, as node-postgres takes it, it is none to `new URL`
}
