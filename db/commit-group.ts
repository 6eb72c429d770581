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
  return (writes.length > 1 && allOrNone(client, writes)) || eachForItself(client, writes)
}

/** Null when one of them failed, which is rare. */
function allOrNone(client: Database.Database, writes: Described[][]): Written[] | null {
  return inTransaction(client, () => {
    const all: Written[] = []
    for (const write of writes) {
      const written = run(client, write)
      if ('failure' in written) return null
      all.push(written)
    }
    return all
  })
}

function eachForItself(client: Database.Database, writes: Described[][]): Written[] {
  const all = inTransaction(client, () =>
    writes.map(write => {
      client.prepare('savepoint one').run()
      const written = run(client, write)
      if ('failure' in written) client.prepare('rollback to one').run()
      client.prepare('release one').run()
      return written
    }),
  )
  return all ?? []
}

/** Commits, unless `work` gives null. */
function inTransaction<T>(client: Database.Database, work: () => T | null): T | null {
  client.prepare('begin immediate').run()
  try {
    const result = work()
    client.prepare(result === null ? 'rollback' : 'commit').run()
    return result
  } catch (error) {
    if (client.inTransaction) client.exec('rollback')
    throw error
  }
}

function run(client: Database.Database, write: Described[]): Written {
  try {
    return { rows: write.map((statement, position) => runOne(client, statement, position)) }
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
    const found = rows.flatMap(row => prepared.raw(true).all(row) as unknown[][])
    if (mustMatch && found.length === 0) throw new NoRow(position)
    return found
  }
  let changes = 0
  for (const row of rows) changes += prepared.run(row).changes
  if (mustMatch && changes === 0) throw new NoRow(position)
  return []
}
