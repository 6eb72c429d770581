import type Database from 'better-sqlite3'

/** A statement and the rows it runs for, as plain values: it can be handed to another thread. */
export type Described = { sql: string; rows: unknown[][]; mustMatch: boolean }

/** What became of one write: the rows each of its statements gave, in the order of their columns, or why nothing of it is there. */
export type Written = { rows: unknown[][][] } | { failure: Failure }

/** `position` of the statement that had to match a row and found none; null: the database's own words. */
export type Failure = { position: number | null; message: string; code: string | null }

/**
 * Runs writes in one transaction, with one wait for the disk for all of them. What cannot be written is undone and takes no
 * other with it. @throws SqliteError when the transaction itself cannot begin or commit: then nothing is there
 */
export function commitGroup(client: Database.Database, writes: Described[][]): Written[] {
  const all = together(client, writes)
  return all.some(isFailure) && writes.length > 1 ? eachForItself(client, writes) : all
}

const isFailure = (written: Written): written is { failure: Failure } => 'failure' in written

/** All of them, or up to the first that failed, which is rare: then nothing was written. */
function together(client: Database.Database, writes: Described[][]): Written[] {
  return inTransaction(client, () => {
    const all: Written[] = []
    for (const write of writes) {
      const written = run(client, write)
      all.push(written)
      if (isFailure(written)) return { all, keeps: false }
    }
    return { all, keeps: true }
  })
}

function eachForItself(client: Database.Database, writes: Described[][]): Written[] {
  return inTransaction(client, () => {
    const all = writes.map(write => {
      client.prepare('savepoint one').run()
      const written = run(client, write)
      if (isFailure(written) && !client.inTransaction) throw wholly(written) // as on a full disk: SQLite has undone all of it
      if (isFailure(written)) client.prepare('rollback to one').run()
      client.prepare('release one').run()
      return written
    })
    return { all, keeps: true }
  })
}

const wholly = ({ failure }: { failure: Failure }) => Object.assign(new Error(failure.message), { code: failure.code })

function inTransaction(client: Database.Database, work: () => { all: Written[]; keeps: boolean }): Written[] {
  client.prepare('begin immediate').run()
  try {
    const { all, keeps } = work()
    if (keeps) client.prepare('commit').run()
    else if (client.inTransaction) client.prepare('rollback').run() // SQLite undoes some failures by itself
    return all
  } catch (error) {
    if (client.inTransaction) client.exec('rollback')
    throw error
  }
}

function run(client: Database.Database, write: Described[]): Written {
  try {
    const rows: unknown[][][] = [] // not by `map`: see listOf in rows.ts
    for (const [position, statement] of write.entries()) rows.push(runOne(client, statement, position))
    return { rows }
  } catch (error) {
    if (error instanceof NoRow) return { failure: { position: error.position, message: error.message, code: null } }
    const { message, code = null } = error as Error & { code?: string }
    return { failure: { position: null, message, code } }
  }
}

class NoRow extends Error {
  constructor(readonly position: number) {
    super(`statement ${position} of an atomic write matched no row`)
  }
}

/** A statement without `returning` gives no rows, and better-sqlite3 refuses to read from it. */
function runOne(client: Database.Database, { sql, rows, mustMatch }: Described, position: number): unknown[][] {
  const prepared = client.prepare(sql)
  if (prepared.reader) {
    prepared.raw(true)
    const found: unknown[][] = []
    for (const row of rows) for (const one of prepared.all(row)) found.push(one as unknown[])
    if (mustMatch && found.length === 0) throw new NoRow(position)
    return found
  }
  let changes = 0
  for (const row of rows) changes += prepared.run(row).changes
  if (mustMatch && changes === 0) throw new NoRow(position)
  return []
}
