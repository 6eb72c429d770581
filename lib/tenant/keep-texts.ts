import { eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Db } from '@/db/client'
import { tenants } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { digits } from '@/lib/digits'

/** How many days after its end the text of a message is kept. A week at least, so that what was refused can be sent again. */
export const keepTextsForm = z.object({
  days: z.preprocess(typed => digits(String(typed).trim()), z.int('daysInvalid').min(7, 'daysInvalid').max(3650, 'daysInvalid')),
})

/** For how many days the company keeps the texts of its mail. */
export async function getKeepTextsDays(db: Db, actor: Actor): Promise<number> {
  const [tenant] = await db.select({ days: tenants.keepTextsDays }).from(tenants).where(eq(tenants.id, actor.tenantId))
  if (!tenant) throw new Error(`company ${actor.tenantId} does not exist`)
  return tenant.days
}

/** @throws Refusal `notAdmin` */
export async function saveKeepTextsDays(db: Db, actor: Actor, { days }: { days: number }): Promise<void> {
  assertAdmin(actor)
  await db.update(tenants).set({ keepTextsDays: days }).where(eq(tenants.id, actor.tenantId))
}
