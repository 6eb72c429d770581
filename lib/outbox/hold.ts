import { and, eq, isNotNull, or } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { installations, tenants } from '@/db/schema'

/** Whether a company's mail stays for now: because an admin holds it, or the operator holds everybody's after a restore. */
export async function isHeld(db: Db, tenantId: string): Promise<boolean> {
  const found = await db
    .select({ id: tenants.id })
    .from(tenants)
    .leftJoin(installations, isNotNull(installations.heldAt))
    .where(and(eq(tenants.id, tenantId), or(isNotNull(tenants.heldAt), isNotNull(installations.heldAt))))
  return found.length > 0
}
