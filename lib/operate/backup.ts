import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { closeDb, type Db, lastMigrationAt, migrateDb, openDb, openSqlite } from '@/db/client'
import { assertSound, copySqlite, countOtherConnections, createPrivateFile, isUnused } from '@/db/copy'
import { lacksTables } from '@/db/lacks-tables'
import { tenants } from '@/db/schema'
import { now } from '@/lib/clock'
import { env, environmentWith } from '@/lib/env'
import { getMode, WrongInstallation } from '@/lib/installation/mode'
import { postgresToolEnvironment } from './postgres-tool-environment'
import { beginRestoring, endRestoring, giveUpRestoring, restoringMark } from './restoring'
import { type AfterRestore, settleAfterRestore } from './settle-after-restore'

const run = promisify(execFile)

/**
 * Copies the whole database into one new file, while web and engine run. It holds everybody's mail, and only this user may
 * read it. The keys are not in it: they are kept apart.
 */
export async function backUp(db: Db, file: string): Promise<{ bytes: number }> {
  if (existsSync(file)) throw new Error(`${file} exists already; a backup is never written over another`)
  if (!existsSync(path.dirname(path.resolve(file)))) throw new Error(`The folder ${path.dirname(file)} does not exist`)
  if (env.database.dialect === 'sqlite') await copySqlite(db, path.resolve(file))
  else await dumpPostgres(file)
  return { bytes: statSync(file).size }
}

async function dumpPostgres(file: string): Promise<void> {
  createPrivateFile(file)
  try {
    await postgresTool('pg_dump', ['--format=custom', '--no-owner', `--exclude-schema=${restoringMark}`, `--file=${file}`])
  } catch (error) {
    rmSync(file, { force: true })
    throw error
  }
}

/**
 * Puts a backup in the place of the database. Sending is held afterwards, and what waited in the backup is unknown: it may have
 * left since then. The database there was is kept beside it. Needs web and engine stopped.
 * @throws Error when somebody uses the database, or the file is not a backup of this kind of installation
 */
export async function restore(file: string): Promise<AfterRestore & { keptAs: string | null }> {
  if (!existsSync(file)) throw new Error(`${file} does not exist`)
  return env.database.dialect === 'sqlite' ? restoreSqlite(file, env.database.file) : restorePostgres(file)
}

/**
 * For a database that was restored by other means: what `restore` does after it. Needs web and engine stopped: what an engine has in
 * hand would lose its outcome, and what waits in an installation that was not restored would be unknown.
 * @throws WrongInstallation where none was; Error when somebody uses the database
 */
export async function markRestored(): Promise<AfterRestore> {
  const { database } = env
  if (database.dialect === 'sqlite' && !existsSync(database.file)) throw nothingRestored('tables') // to open it would make it
  await withDb(async db => {
    if (!(await hasTables(db))) throw nothingRestored('tables')
    if (!(await hasCompanies(db))) throw nothingRestored('company') // made by `migrate`: the backup went elsewhere, and is not held there
  })
  if (database.dialect === 'sqlite') assertUnused(database.file)
  return withDb(async db => {
    if (database.dialect === 'postgres') await assertAlone(db)
    return settle(db)
  })
}

async function withDb<T>(use: (db: Db) => Promise<T>): Promise<T> {
  const db = openDb({ isPatient: true })
  try {
    return await use(db)
  } finally {
    await closeDb(db)
  }
}

function assertUnused(file: string): void {
  if (!isUnused(file)) throw new Error(`${file} is in use. Stop web and engine first, then restore.`)
}

async function assertAlone(db: Db): Promise<void> {
  const others = await countOtherConnections(db)
  if (others > 0) throw new Error(`${others} other connections use the database. Stop every web and engine first, then restore.`)
}

async function settle(db: Db): Promise<AfterRestore> {
  await migrateDb(db)
  const settled = await settleAfterRestore(db)
  await endRestoring(db)
  return settled
}

const hasCompanies = async (db: Db): Promise<boolean> => (await db.select({ id: tenants.id }).from(tenants).limit(1)).length > 0

const hasTables = (db: Db): Promise<boolean> =>
  lastMigrationAt(db).then(
    at => at > 0,
    error => {
      if (lacksTables(error)) return false
      throw error
    },
  )

function nothingRestored(lacking: 'tables' | 'company'): WrongInstallation {
  const place = env.database.dialect === 'sqlite' ? env.database.file : 'The database of DATABASE_URL'
  return new WrongInstallation(
    `${place} has no ${lacking}: nothing was restored there. Put the backup in place, or give the settings of web and engine, then run: posthorn restore --restored`,
  )
}

async function restoreSqlite(file: string, target: string): Promise<AfterRestore & { keptAs: string | null }> {
  assertUnused(target)
  const prepared = `${target}.restoring`
  copyBackup(file, prepared)
  assertBackup(prepared, file)
  const db = openSqlite(prepared)
  let settled: AfterRestore
  try {
    await migrateDb(db)
    await getMode(db) // a backup of a sandbox does not become a live installation, nor the other way round
    settled = await settleAfterRestore(db)
  } catch (error) {
    await closeDb(db)
    removeCopy(prepared)
    throw error
  }
  await closeDb(db)
  assertSound(prepared) // also folds its journal in
  const keptAs = existsSync(target) ? `${target}.before-restore-${now().toISOString().replace(/[:.]/g, '-')}` : null
  if (keptAs) linkSync(target, keptAs) // a moment without any would let the next start begin an empty one
  for (const end of ['-wal', '-shm']) rmSync(target + end, { force: true })
  renameSync(prepared, target)
  return { ...settled, keptAs }
}

/** @throws Error when there is no room for it: what was copied goes again */
function copyBackup(file: string, copy: string): void {
  try {
    removeCopy(copy) // of a restore that was broken off: SQLite would replay its journal into this one
    copyFileSync(file, copy)
    chmodSync(copy, 0o600) // however the backup was kept
  } catch (error) {
    removeCopy(copy)
    throw error
  }
}

const removeCopy = (copy: string): void => {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(copy + end, { force: true })
}

/** @throws Error naming the file that was given, whose copy goes again */
function assertBackup(copy: string, file: string): void {
  try {
    assertSound(copy)
  } catch (error) {
    removeCopy(copy)
    throw new Error(`${file} is not a whole SQLite database: ${error instanceof Error ? error.message : error}`)
  }
}

const restorePostgres = (file: string): Promise<AfterRestore & { keptAs: null }> =>
  withDb(async db => {
    await assertAlone(db)
    const isFirst = await beginRestoring(db)
    try {
      await restoreDump(file)
      await migrateDb(db)
      await getMode(db) // as for SQLite
    } catch (error) {
      await giveUpRestoring(db, { isFirst })
      throw error
    }
    return { ...(await settle(db)), keptAs: null }
  })

async function restoreDump(file: string): Promise<void> {
  await postgresTool('pg_restore', ['--clean', '--if-exists', '--no-owner', '--single-transaction', `--dbname=${toolEnvironment().PGDATABASE}`, file])
}

const toolEnvironment = () => postgresToolEnvironment(env.database.dialect === 'postgres' ? env.database.url : '')

/** Runs one of PostgreSQL's own tools. The password goes through its environment: arguments can be read by everybody on the machine. */
async function postgresTool(tool: 'pg_dump' | 'pg_restore', args: string[]): Promise<void> {
  try {
    await run(tool, args, { env: environmentWith(toolEnvironment()) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error(
        tool === 'pg_dump'
          ? 'pg_dump is not installed here. Use your own way of backing PostgreSQL up, e.g. pg_dump --format=custom on the database server.'
          : 'pg_restore is not installed here. Restore by your own means, then run: posthorn restore --restored',
      )
    throw new Error(`${tool} failed: ${(error as { stderr?: string }).stderr?.trim() ?? String(error)}`)
  }
}
