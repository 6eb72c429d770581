import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Db } from '@/db/client'
import { lastMigrationAt } from '@/db/client'
import { env } from '@/lib/env'
import { getMode, WrongInstallation } from '@/lib/installation/mode'
import { isClockApart } from '@/lib/outbox/clock-apart'
import { hasWrongKeys } from './missing-keys'

type Readiness = { isReady: boolean; checks: Record<'database' | 'migrations' | 'mode' | 'clock' | 'keys', 'ok' | string> }

const patienceMs = 3_000
const keysFreshMs = 60_000
const keysSeen = new WeakMap<Db, number>()

/** Whether this process can do its work: the database answers, its tables are those of this build, its mode is that of the environment, its clock goes with this machine's, and its secrets open. */
export async function readiness(db: Db): Promise<Readiness> {
  const checks = {
    database: await check(async () => void (await lastMigrationAt(db))),
    migrations: await check(() => assertMigrated(db)),
    mode: await check(async () => void (await getMode(db))),
    clock: await check(() => assertOneClock(db)),
    keys: await check(() => assertRightKeys(db)),
  }
  return { isReady: Object.values(checks).every(answer => answer === 'ok'), checks }
}

async function check(look: () => Promise<void>): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${patienceMs / 1000} s`)), patienceMs)
  })
  try {
    await Promise.race([look(), late])
    return 'ok'
  } catch (error) {
    return error instanceof Known || error instanceof WrongInstallation ? error.message : 'failed' // what a database says may name hosts and users
  } finally {
    clearTimeout(timer)
  }
}

async function assertOneClock(db: Db): Promise<void> {
  if (await isClockApart(db)) throw new Known('apart: this machine and the database differ by seconds, run NTP')
}

/** Looked for once a minute while all is well. */
async function assertRightKeys(db: Db): Promise<void> {
  if (Date.now() < (keysSeen.get(db) ?? 0)) return
  if (await hasWrongKeys(db)) throw new Known('missing: most of what is sealed was sealed with keys that are not in POSTHORN_KEYS')
  keysSeen.set(db, Date.now() + keysFreshMs)
}

class Known extends Error {}

/**
 * Newer tables than this build knows are well: so is an old process in a rolling restart.
 * @throws WrongInstallation when they are older
 */
export async function assertMigrated(db: Db): Promise<void> {
  const file = path.join(process.cwd(), 'db/migrations', env.database.dialect, 'meta/_journal.json')
  const { entries } = JSON.parse(readFileSync(file, 'utf8')) as { entries: { when: number }[] }
  const newest = Math.max(...entries.map(({ when }) => when))
  if ((await lastMigrationAt(db)) < newest) throw new WrongInstallation('The tables are those of an older build. Run: npm run -s posthorn -- migrate')
}
