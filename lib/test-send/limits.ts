import { and, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { tenants, testSends } from '@/db/schema'
import { after, hours, now } from '@/lib/clock'

type Limit = { code: string; most: number; statement: (tx: Db) => { toSQL(): { sql: string; params: unknown[] }; execute(): unknown } }

/** Tests of a company are counted one after the other, also by two web processes at once. */
export const holdCompany = (tx: Db, tenantId: string) =>
  tx.update(tenants).set({ version: tenants.version }).where(eq(tenants.id, tenantId)).returning({ id: tenants.id })

/**
 * The limits of a test just inserted, as statements that match nothing when it was one too many, so that the whole
 * write is undone: nobody can slip through by pressing the button twice at once.
 */
export function limits(test: typeof testSends.$inferInsert): Limit[] {
  const since = gt(testSends.createdAt, after(now(), -hours(1)))
  const counted = (what: SQL, of: SQL | undefined) => sql`(select ${what} from ${testSends} where ${and(of, since)})`
  const limit = (code: string, most: number, count: SQL, isWithin: SQL): Limit => ({
    code,
    most,
    statement: tx =>
      tx
        .update(testSends)
        .set({ wipeAt: test.wipeAt })
        .where(and(eq(testSends.id, test.id), sql`${count} ${isWithin}`))
        .returning({ id: testSends.id }),
  })
  const isSingle = isNull(testSends.runId) // a run has limits of its own
  const every: Limit[] = [
    limit('testsPerHour', 10, counted(sql`count(*)`, and(eq(testSends.loginId, test.loginId), isSingle)), sql`<= 10`),
    limit('testsPerCompany', 30, counted(sql`count(*)`, and(eq(testSends.tenantId, test.tenantId), isSingle)), sql`<= 30`),
  ]
  if (!test.host || !test.username) return every
  const ofLogin = and(eq(testSends.host, test.host), eq(testSends.username, test.username))
  const refused = (of: SQL | undefined) => counted(sql`coalesce(sum(${testSends.loginRefused}), 0)`, of)
  return [
    ...every,
    limit('refusedLoginsPerHour', 5, refused(and(ofLogin, eq(testSends.tenantId, test.tenantId))), sql`< 5`),
    limit('refusedLoginsPerHour', 20, refused(ofLogin), sql`< 20`), // whoever guesses from several companies; one of them alone stops nobody else
  ]
}
