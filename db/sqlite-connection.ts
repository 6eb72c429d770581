import { isDeepStrictEqual } from 'node:util'
import type Database from 'better-sqlite3'
import { log } from '../lib/log'

const busyTimeout = 'busy_timeout = 10000'
const rememberedStatements = 500
const pagesBetweenCheckpoints = 8000 // 32 MB: a page that many commits change is copied into the database once

/**
 * A connection that keeps what was promised. better-sqlite3 is compiled with synchronous=NORMAL for WAL, under which a
 * committed row may vanish in a power cut (sqlite.org/pragma.html#pragma_synchronous): FULL, and read back.
 * @throws Error when SQLite does not take it
 */
export function forWriting(client: Database.Database): Database.Database {
  client.pragma(busyTimeout)
  client.pragma('journal_mode = WAL')
  client.pragma('synchronous = FULL')
  client.pragma('foreign_keys = ON')
  client.pragma(`wal_autocheckpoint = ${pagesBetweenCheckpoints}`)
  const read = (name: string) => client.pragma(name, { simple: true })
  if (read('journal_mode') !== 'wal' || read('synchronous') !== 2 || read('foreign_keys') !== 1) {
    throw new Error(`${client.name}: SQLite did not take WAL, synchronous=FULL and foreign_keys=ON; refusing to run without them`)
  }
  keepStatistics(client)
  rememberStatements(client)
  return client
}

/**
 * What SQLite takes to be in `message`, by index: rows in all, of one company, of one card (or state) of it, of one instant. It need not
 * be so. Knowing nothing it takes a company to have ten messages, and reads all that it has rather than the few whose ids are given.
 */
const statistics = [
  { tbl: 'message', idx: 'message_listing', stat: '1000000 100000 1' },
  { tbl: 'message', idx: 'message_of_card', stat: '1000000 100000 10000 1' },
  { tbl: 'message', idx: 'message_by_state', stat: '1000000 100000 10000 1' },
  { tbl: 'message', idx: 'sqlite_autoindex_message_1', stat: '1000000 1' },
]

/**
 * Keeps these statistics and none besides (sqlite.org/optoverview.html, 6.2). Of the other tables SQLite is better told nothing: it goes by
 * an index then, wherever there is one. Once somebody has run ANALYZE while a table held little, it reads the whole of that
 * table for ever after, however much that has become. For a connection just opened, and after its tables were made or
 * changed. Writes only where others are kept, and what is busy or full stands in nobody's way.
 */
export function keepStatistics(client: Database.Database): void {
  client.pragma('busy_timeout = 1000')
  try {
    if (!areKept(client)) client.transaction(writeStatistics).immediate(client)
  } catch (error) {
    log.warn({ event: 'statistics', err: error }, 'SQLite goes by its own idea of how much is stored: some pages may be slow until the next start')
  } finally {
    client.pragma(busyTimeout)
  }
  client.pragma('writable_schema = RESET') // reads the schema anew: this connection would go on by what it remembers
}

function areKept(client: Database.Database): boolean {
  const tables = client.prepare(`select name from sqlite_schema where name glob 'sqlite_stat[0-9]'`).pluck().all()
  if (tables.join() !== 'sqlite_stat1') return false
  return isDeepStrictEqual(client.prepare('select tbl, idx, stat from sqlite_stat1 order by rowid').all(), statistics)
}

function writeStatistics(client: Database.Database): void {
  client.exec('drop table if exists sqlite_stat1; analyze sqlite_schema; drop table if exists sqlite_stat4') // it makes both, and reads no other
  const add = client.prepare('insert into sqlite_stat1 (tbl, idx, stat) values (:tbl, :idx, :stat)')
  for (const row of statistics) add.run(row)
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
