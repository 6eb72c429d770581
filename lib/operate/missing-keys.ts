import { count, isNotNull, or, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { log } from '@/lib/log'
import { sealingKeys } from '@/lib/secret/keys'
import { isSealedWith, listKeysInUse } from './rotate-keys'
import { sealedColumns } from './sealed-columns'

/** How many secrets are stored, and how many of them this process opens. */
type Secrets = { stored: number; opened: number }

/** Looks at the beginning of each seal: of 50 000 some 25 ms. */
async function countSecrets(db: Db): Promise<Secrets> {
  const secrets = { stored: 0, opened: 0 }
  for (const { table, column } of sealedColumns) {
    const isOpened = or(...sealingKeys().map(({ id }) => isSealedWith(column, id)))
    const found: unknown = await db
      .select({ stored: count(), opened: sql`coalesce(sum(case when ${isOpened} then 1 else 0 end), 0)`.mapWith(Number) })
      .from(table as never)
      .where(isNotNull(column))
    const [counted] = found as Secrets[]
    secrets.stored += Number(counted?.stored)
    secrets.opened += Number(counted?.opened)
  }
  return secrets
}

/**
 * Whether these are the keys of another installation, or a machine was left out when a new one came. A few secrets whose key is gone
 * for good are their owners' to type anew, and no reason to take every engine out of the balancer.
 */
export async function hasWrongKeys(db: Db): Promise<boolean> {
  const { stored, opened } = await countSecrets(db)
  return opened < stored / 2
}

/** For the start of web and engine: whoever forgot a key hears of it before the mail that needs it waits. */
export async function warnOfMissingKeys(db: Db): Promise<void> {
  const { stored, opened } = await countSecrets(db)
  if (opened === stored) return
  const keyIds = (await listKeysInUse(db)).filter(({ isKnown }) => !isKnown).map(({ keyId }) => keyId)
  log.error(
    { event: 'keysMissing', secrets: stored, unopened: stored - opened, keyIds },
    'stored secrets are sealed with keys that this process does not have: mail that needs them waits. See posthorn keys lost',
  )
}
