import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type Db, poolOf } from './client'

/** Files of a SQLite database, copied and put in place. Those who do not use SQLite have `pg_dump`. */

/**
 * Copies the database while others write to it, as it is at one moment: all pages in one step, since a copy made in
 * small ones begins anew with every write of another process. Checked before it gets its name. Nobody else may read it, from
 * its first byte; SQLite gives its journal the same mode. What cannot be finished is removed: it may be what fills the disk.
 * @throws Error naming the file
 */
export async function copySqlite(db: Db, file: string): Promise<void> {
  const unfinished = `${file}.unfinished`
  rmSync(unfinished, { force: true })
  createPrivateFile(unfinished)
  try {
    await db.$client.backup(unfinished, { progress: () => 0x7fffffff })
    assertSound(unfinished)
  } catch (error) {
    for (const end of ['', '-journal', '-wal', '-shm']) rmSync(unfinished + end, { force: true })
    throw new Error(`${file} could not be written: ${error instanceof Error ? error.message : error}`)
  }
  renameSync(unfinished, file)
}

/** An empty file that only this user may read, for a tool that keeps the mode of what it writes into. @throws EEXIST */
export const createPrivateFile = (file: string): void => closeSync(openSync(file, 'wx', 0o600))

/** @throws Error when the file is not a whole SQLite database */
export function assertSound(file: string): void {
  const copy = new Database(file, { fileMustExist: true })
  try {
    copy.pragma('journal_mode = DELETE') // one file, to be moved about
    if (copy.pragma('integrity_check', { simple: true }) !== 'ok') throw new Error(`${file} is damaged`)
  } finally {
    copy.close()
  }
}

/** Whether no process has this database open. Everybody who does holds a lock that leaving WAL needs alone. */
export function isUnused(file: string): boolean {
  if (!existsSync(file)) return true
  const client = new Database(file, { timeout: 0 })
  try {
    return client.pragma('journal_mode = DELETE', { simple: true }) === 'delete'
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return false
    throw error
  } finally {
    client.close()
  }
}

/** How many others are connected to this PostgreSQL database. */
export async function countOtherConnections(db: Db): Promise<number> {
  const { rows } = await poolOf(db).query(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  )
  return rows[0].count
}
