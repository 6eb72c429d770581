import type Database from 'better-sqlite3'

const rememberedStatements = 500
const pagesBetweenCheckpoints = 8000 // 32 MB: a page that many commits change is copied into the database once

/**
 * A connection that keeps what was promised. better-sqlite3 is compiled with synchronous=NORMAL for WAL, under which a
 * committed row may vanish in a power cut (sqlite.org/pragma.html#pragma_synchronous): FULL, and read back.
 * @throws Error when SQLite does not take it
 */
export function forWriting(client: Database.Database): Database.Database {
  client.pragma('busy_timeout = 10000')
  client.pragma('journal_mode = WAL')
  client.pragma('synchronous = FULL')
  client.pragma('foreign_keys = ON')
  client.pragma(`wal_autocheckpoint = ${pagesBetweenCheckpoints}`)
  const read = (name: string) => client.pragma(name, { simple: true })
  if (read('journal_mode') !== 'wal' || read('synchronous') !== 2 || read('foreign_keys') !== 1) {
    throw new Error(`${client.name}: SQLite did not take WAL, synchronous=FULL and foreign_keys=ON; refusing to run without them`)
  }
  forgetStatistics(client)
  rememberStatements(client)
  return client
}

/**
 * Without statistics SQLite goes by an index wherever there is one. Once somebody has run ANALYZE while a table held little, it reads
 * the whole of that table for ever after, however much that has become (sqlite.org/optoverview.html, 5 and 6).
 */
function forgetStatistics(client: Database.Database): void {
  client.exec('drop table if exists sqlite_stat1; drop table if exists sqlite_stat4')
  client.pragma('writable_schema = RESET') // reads the schema anew: this connection would go on by what it remembers
}

/** drizzle prepares anew at every call; SQLite compiles each text once here, which is most of what a small statement costs. */
function rememberStatements(client: Database.Database): void {
  const prepare = client.prepare.bind(client)
  const remembered = new Map<string, Database.Statement>()
  client.prepare = ((text: string) => {
    const known = remembered.get(text)
    if (known) return known.reader ? known.raw(false) : known
    const statement = prepare(text)
    if (remembered.size >= rememberedStatements) remembered.delete(remembered.keys().next().value as string)
    remembered.set(text, statement)
    return statement
  }) as typeof client.prepare
}
