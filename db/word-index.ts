import { type Column, type SQL, sql } from 'drizzle-orm'
import { env } from '../lib/env'
import { type Db, poolOf } from './client'
import type { RowsStep } from './rows'

/**
 * The index of the words of messages, for searches: FTS5 on SQLite, lexemes under a GIN index on PostgreSQL; made by hand in the
 * migrations. A word is kept with the end of its company's id in front, so that no company's many weigh on another's search. It is written
 * after the fact, in batches: what is queued meanwhile is looked through row by row (lib/message/search.ts).
 */

const lengthOfId = 26
const mark = 4 // letters of it: companies that share them only look a little longer

const isPostgres = () => env.database.dialect === 'postgres'

/** Adds the words of messages whose ids lie in the range, its end included. Each message once, so in one write with what remembers how far it got. */
export function addWords({ after, to }: { after: string; to: string }): RowsStep {
  const range = isPostgres() ? 'where id > $1 and id <= $2' : 'where id > ? and id <= ?'
  const words = `replace(search, ' ', ' ' || substr(tenant_id, ${lengthOfId + 1 - mark}))`
  const indexed = isPostgres() ? `array_to_tsvector(array_remove(string_to_array(${words}, ' '), ''))` : words
  const text = `insert into message_word (message_id, words) select id, ${indexed} from message ${range} order by id`
  return { sql: text, rows: [[after, to]], params: [after, to] }
}

type WordSearch = { tenantId: string; word: string; before: string | null; limit: number }

/** Ids of messages with a word that begins so, those made last first; `before` an id, for the next of them. */
export async function findByWord(db: Db, { tenantId, word, before, limit }: WordSearch): Promise<string[]> {
  const beginning = `${tenantId.slice(-mark)}${word}`
  if (isPostgres()) {
    // materialized: else it walks through all messages, newest first, hoping to meet one soon
    const { rows } = await poolOf(db).query({
      name: 'find_by_word',
      text: `with found as materialized (select message_id from message_word where words @@ $1::tsquery)
             select message_id from found where $2::text is null or message_id < $2 order by message_id desc limit $3`,
      values: [`'${beginning.replace(/[\\']/g, '$&$&')}':*`, before, limit],
    })
    return rows.map(({ message_id }) => message_id)
  }
  const found = db.$client
    .prepare(`select message_id from message_word where message_word match ? and (? is null or message_id < ?) order by rowid desc limit ?`)
    .raw()
    .all(`"${beginning.replaceAll('"', '""')}" *`, before, before, limit) as [string][]
  return found.map(([id]) => id)
}

/** Whether an id is one of many: one look into its index for each. */
export const isOneOf = (column: Column, ids: string[]): SQL =>
  isPostgres() ? sql`${column} = any(${sql.param(ids)}::text[])` : sql`${column} in (select value from json_each(${JSON.stringify(ids)}))`
