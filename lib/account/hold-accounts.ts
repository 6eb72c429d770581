import type { Step } from '@/db/atomically'
import { env } from '@/lib/env'

/**
 * For the head of an atomic write. Many may add messages to an account at once (`shared`); who looks at all it has waits for
 * them, and they for him (`alone`), before his write touches the account in any other way: who adds and who then wants it alone
 * would wait for each other. Adding waits for no engine that renews its lease.
 *
 * On PostgreSQL row locks, FOR KEY SHARE and FOR UPDATE, of which an update of other columns conflicts with the second alone
 * (postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS). SQLite has one writer at a time: nothing to be held.
 */
export function holdAccounts(accountIds: string[], how: 'shared' | 'alone'): Step[] {
  if (env.database.dialect !== 'postgres') return []
  const ids = accountIds.toSorted() // in one order, so that no two wait for each other
  const those = ids.length === 1 ? 'id = $1' : 'id = any($1::text[]) order by id' // one by itself: PostgreSQL keeps that plan
  const params = ids.length === 1 ? ids : [ids]
  return [{ sql: `select 1 from account where ${those} for ${how === 'shared' ? 'key share' : 'update'}`, rows: [params], params }]
}
