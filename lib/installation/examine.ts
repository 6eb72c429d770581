import { statSync } from 'node:fs'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { installations, type Tls } from '@/db/schema'
import { env } from '@/lib/env'
import { microsoftChecks } from '@/lib/microsoft365/examine-microsoft'
import { listKeysInUse } from '@/lib/operate/rotate-keys'
import { findHeldAt } from '@/lib/operate/settle-after-restore'
import { mostSecondsApart, secondsAhead } from '@/lib/outbox/clock-apart'
import { open, seal } from '@/lib/secret/seal'
import { formatServer } from '@/lib/sender/server-field'
import { parseRelay } from '@/lib/transport/relay'
import { getMode } from './mode'

export type Checked = { name: string; isWell: boolean; text: string }

/** What the operator wants to know before and after a change: the database, its mode and clock, the keys, the relay, Microsoft. */
export async function examine(db: Db): Promise<Checked[]> {
  const findings = [
    await checked('database', async () => {
      await db.select({ one: sql<number>`1` }).from(installations)
      return env.database.dialect === 'sqlite' ? `SQLite, ${env.database.file}` : 'PostgreSQL'
    }),
    await checked('mode', () => getMode(db)),
    await checked('clock', () => clockText(db)),
    await checked('keys', async () => `${checkKeys()}; ${await keysInUse(db)}`),
    await checked('sending', async () => ((await findHeldAt(db)) ? 'held since a restore: posthorn release' : 'not held')),
    await checked('relay', async () => relayText()),
  ]
  const checks = await microsoftChecks(db, env.relayUrl ? 'live' : 'sandbox')
  return [...findings, ...(await Promise.all(checks.map(({ name, look }) => checked(name, look))))]
}

/** @throws Error when this machine's clock differs from the database's */
async function clockText(db: Db): Promise<string> {
  const ahead = await secondsAhead(db)
  if (Math.abs(ahead) <= mostSecondsApart) return 'as the database'
  throw new Error(
    `${Math.abs(Math.round(ahead))} s ${ahead > 0 ? 'ahead of' : 'behind'} the database's: engines of this machine send nothing. Run NTP on every machine`,
  )
}

async function checked(name: string, look: () => Promise<string>): Promise<Checked> {
  try {
    return { name, isWell: true, text: await look() }
  } catch (error) {
    return { name, isWell: false, text: error instanceof Error ? error.message : String(error) }
  }
}

function checkKeys(): string {
  const place = { table: 'installation', column: 'none', tenantId: 'none', rowId: 'doctor' }
  if (open(seal('well', place), place) !== 'well') throw new Error('A sealed value does not open')
  if (env.sealingKeys) return 'from POSTHORN_KEYS'
  const file = path.join(env.dataDir, 'keys')
  const mode = statSync(file).mode & 0o777
  if (mode & 0o077) throw new Error(`${file} can be read by others (mode ${mode.toString(8)}): chmod 600 it`)
  return `from ${file}; back it up, apart from the database`
}

/** @throws Error when a secret is sealed with a key that is not here: it does not open */
async function keysInUse(db: Db): Promise<string> {
  const keys = await listKeysInUse(db)
  const missing = keys.filter(({ isKnown }) => !isKnown).map(({ keyId, seals }) => `${seals} with ${keyId}`)
  if (missing.length > 0)
    throw new Error(`secrets are sealed with a key that POSTHORN_KEYS does not hold: ${missing.join(', ')}. posthorn keys lost says whose`)
  return `in use: ${keys.map(({ keyId, seals }) => `${keyId} (${seals} seals)`).join(', ')}`
}

const encryption: Record<Tls, string> = { none: 'an open connection', implicit: 'TLS', starttls: 'STARTTLS' }

/** @throws Error when RELAY_URL is no relay */
function relayText(): string {
  if (!env.relayUrl) return 'none: a sandbox, nothing leaves this machine'
  const relay = parseRelay(env.relayUrl)
  return `${formatServer(relay)}, ${encryption[relay.tls]}`
}
