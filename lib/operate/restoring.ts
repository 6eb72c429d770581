import { readMigrationFiles } from 'drizzle-orm/migrator'
import { type Db, poolOf } from '@/db/client'
import { env } from '@/lib/env'
import { WrongInstallation } from '@/lib/installation/mode'

/**
 * A mark in PostgreSQL that no backup holds: what `pg_restore` has put back is not held yet, and if the restore is broken off there,
 * engines would send all that waited in the backup again. What tables there were stand aside in it until the backup is whole and in place: a
 * backup of an older version does not name those that were made since, and the migration that makes them would meet them. SQLite needs none: its
 * file is made ready before it takes its place.
 */
export const restoringMark = 'posthorn_restoring'
const isPostgres = () => env.database.dialect === 'postgres'

/** Those that a migration ever made, and the list of migrations: the database may hold tables of others beside them. */
function ourTables(): string[] {
  const statements = readMigrationFiles({ migrationsFolder: 'db/migrations/postgres' }).flatMap(({ sql }) => sql)
  return [...statements.flatMap(statement => /^\s*create table "(\w+)"/i.exec(statement)?.[1] ?? []), '__drizzle_migrations']
}

/** One statement for all of them. */
const forEachTable = (schemas: string, statement: string) => `do $$ declare t record; begin
  for t in select schemaname as schema, tablename as name from pg_tables where schemaname in (${schemas}) and tablename in ('${ourTables().join("', '")}')
  loop execute ${statement}; end loop; end $$`

const inPlace = "current_schema(), 'drizzle'" // the second holds the list of migrations
const remove = () => forEachTable(inPlace, "format('drop table %I.%I cascade', t.schema, t.name)")
const setAside = () => forEachTable(inPlace, `format('alter table %I.%I set schema ${restoringMark}', t.schema, t.name)`)
const putBack = () =>
  forEachTable(
    `'${restoringMark}'`,
    `format('alter table ${restoringMark}.%I set schema %I', t.name, case t.name when '__drizzle_migrations' then 'drizzle' else current_schema() end)`,
  )

/** False: it stood there already, for an earlier restore was broken off; whatever becomes of this one, it must stay. */
export async function beginRestoring(db: Db): Promise<boolean> {
  const isFirst = !(await isMarked(db))
  const isAside = !isFirst && (await poolOf(db).query('select 1 from pg_tables where schemaname = $1', [restoringMark])).rows.length > 0
  await poolOf(db).query(`create schema if not exists ${restoringMark}; ${isAside ? remove() : setAside()}`) // of a restore that was broken off nothing is kept
  return isFirst
}

/** Puts back what there was before: the backup could not be put in place. */
export async function giveUpRestoring(db: Db, { isFirst }: { isFirst: boolean }): Promise<void> {
  await poolOf(db).query(`${remove()}; ${putBack()}${isFirst ? `; drop schema ${restoringMark}` : ''}`)
}

/** The backup is in place, and held: what there was before goes with the mark. */
export async function endRestoring(db: Db): Promise<void> {
  if (isPostgres()) await poolOf(db).query(`drop schema if exists ${restoringMark} cascade`)
}

/** For whoever is about to send. @throws WrongInstallation while a restore is under way, or when one was broken off */
export async function assertNotRestoring(db: Db): Promise<void> {
  if (!isPostgres() || !(await isMarked(db))) return
  throw new WrongInstallation(
    'A restore of this database is under way, or was broken off. Run posthorn restore again, or, when the data is whole, posthorn restore --restored.',
  )
}

const isMarked = async (db: Db) => (await poolOf(db).query('select 1 from pg_namespace where nspname = $1', [restoringMark])).rows.length > 0
