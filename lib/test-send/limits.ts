import { and, desc, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { tenants, testSends } from '@/db/schema'
import { after, hours, minutes, now } from '@/lib/clock'

type Limit = { code: string; most: number; of: SQL | undefined; statement: (tx: Db) => { toSQL(): { sql: string; params: unknown[] }; execute(): unknown } }

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
  const limit = (code: string, most: number, { what, of }: { what: SQL; of: SQL | undefined }, isWithin: SQL): Limit => ({
    code,
    most,
    of,
    statement: tx =>
      tx
        .update(testSends)
        .set({ wipeAt: test.wipeAt })
        .where(and(eq(testSends.id, test.id), sql`${counted(what, of)} ${isWithin}`))
        .returning({ id: testSends.id }),
  })
  const tests = (of: SQL) => ({ what: sql`count(*)`, of: and(of, isNull(testSends.runId)) }) // a run has limits of its own
  const every: Limit[] = [
    limit('testsPerHour', 10, tests(eq(testSends.loginId, test.loginId)), sql`<= 10`),
    limit('testsPerCompany', 30, tests(eq(testSends.tenantId, test.tenantId)), sql`<= 30`),
  ]
  if (!test.host || !test.username) return every
  const ofLogin = and(eq(testSends.host, test.host), eq(testSends.username, test.username))
  const refused = (of: SQL | undefined) => ({ what: sql`coalesce(sum(${testSends.loginRefused}), 0)`, of: and(of, gt(testSends.loginRefused, 0)) })
  return [
    ...every,
    limit('refusedLoginsPerHour', 5, refused(and(ofLogin, eq(testSends.tenantId, test.tenantId))), sql`< 5`),
    limit('refusedLoginsPerHour', 20, refused(ofLogin), sql`< 20`), // whoever guesses from several companies; one of them alone stops nobody else
  ]
}

/** In how many minutes, one at least, the first of the tests that use a limit up is an hour old. */
export async function minutesUntilFree(db: Db, { of, most }: Limit): Promise<number> {
  const tests = db.select({ at: testSends.createdAt }).from(testSends).where(of)
  const [first] = await tests
    .orderBy(desc(testSends.createdAt))
    .limit(1)
    .offset(most - 1)
  const freeAt = after(first?.at ?? now(), hours(1))
  return Math.max(1, Math.ceil((freeAt.getTime() - now().getTime()) / minutes(1)))
}
