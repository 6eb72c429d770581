import { and, eq, isNotNull, or, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { compiledQuery } from '@/db/compiled-query'
import { installations, tenants } from '@/db/schema'

const held = compiledQuery(db =>
  db
    .select({ id: tenants.id })
    .from(tenants)
    .leftJoin(installations, isNotNull(installations.heldAt))
    .where(and(eq(tenants.id, sql.placeholder('tenantId')), or(isNotNull(tenants.heldAt), isNotNull(installations.heldAt)))),
)

/** Whether a company's mail stays for now: because an admin holds it, or the operator holds everybody's after a restore. */
export const isHeld = async (db: Db, tenantId: string): Promise<boolean> => (await held(db, { tenantId })).length > 0
