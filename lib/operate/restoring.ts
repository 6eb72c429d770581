import { type Db, poolOf } from '@/db/client'
import { env } from '@/lib/env'
import { WrongInstallation } from '@/lib/installation/mode'

/**
 * A mark in PostgreSQL that no backup holds: what `pg_restore` has put back is not held yet, and if the restore is broken off there,
 * engines would send all that waited in the backup again. SQLite needs none: its file is made ready before it takes its place.
 */
const mark = 'posthorn_restoring'
const isPostgres = () => env.database.dialect === 'postgres'

/** False: it stood there already, for an earlier restore was broken off; whatever becomes of this one, it must stay. */
export async function beginRestoring(db: Db): Promise<boolean> {
  if (await isMarked(db)) return false
  await poolOf(db).query(`create schema ${mark}`)
  return true
}

/** Takes the mark away: the data is whole, that of the backup and held, or that of before. */
export async function endRestoring(db: Db): Promise<void> {
  if (isPostgres()) await poolOf(db).query(`drop schema if exists ${mark}`)
}

/** For whoever is about to send. @throws WrongInstallation while a restore is under way, or when one was broken off */
export async function assertNotRestoring(db: Db): Promise<void> {
  if (!isPostgres() || !(await isMarked(db))) return
  throw new WrongInstallation(
    'A restore of this database is under way, or was broken off. Run posthorn restore again, or, when the data is whole, posthorn restore --restored.',
  )
}

const isMarked = async (db: Db) => (await poolOf(db).query('select 1 from pg_namespace where nspname = $1', [mark])).rows.length > 0
