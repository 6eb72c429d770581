import { and, asc, eq, sql } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { sendingPolicies, type Tenant, tenants } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import type { NewTenantInput, TenantInput } from './tenant.form'

export type TenantView = Pick<Tenant, 'slug' | 'name' | 'hasMailingModule' | 'version'> & { eventAddress: string }

/** The actor's own company. */
export async function getTenant(db: Db, actor: Actor): Promise<TenantView> {
  const [tenant] = await db.select().from(tenants).where(eq(tenants.id, actor.tenantId))
  if (!tenant) throw new Error(`company ${actor.tenantId} does not exist`)
  const { slug, name, hasMailingModule, version } = tenant
  return { slug, name, hasMailingModule, version, eventAddress: `${slug}@${env.platform.eventDomain}` }
}

/** @throws Refusal `notAdmin`; `stale` when somebody saved since `version` was read */
export async function saveTenant(db: Db, actor: Actor, { name, version }: TenantInput): Promise<void> {
  assertAdmin(actor)
  const [saved] = await db
    .update(tenants)
    .set({ name, version: sql`${tenants.version} + 1` })
    .where(and(eq(tenants.id, actor.tenantId), eq(tenants.version, version)))
    .returning({ id: tenants.id })
  if (!saved) throw new Refusal('stale')
}

/** The statements that make a company, so that its first card can come in the same write. */
export const newTenant = (tx: Db, { id, slug, name }: NewTenantInput & { id: string }) => [
  tx.insert(tenants).values({ id, slug, name, createdAt: now() }),
  tx.insert(sendingPolicies).values({ tenantId: id, usersMaySet: 'everything' as const, updatedAt: now() }),
]

/** For the operator: makes a company. @throws Refusal `slugTaken` */
export async function createTenant(db: Db, { slug, name }: NewTenantInput): Promise<{ id: string; slug: string }> {
  await assertSlugFree(db, slug)
  const id = newId()
  await atomically(db, tx => newTenant(tx, { id, slug, name }))
  return { id, slug }
}

/** @throws Refusal `slugTaken` at `slug` */
export async function assertSlugFree(db: Db, slug: string): Promise<void> {
  if (await findTenant(db, slug)) throw new Refusal('slugTaken', 'slug', { slug })
}

/** For the operator: a company by its short name. */
export async function findTenant(db: Db, slug: string): Promise<Tenant | null> {
  const [tenant] = await db.select().from(tenants).where(eq(tenants.slug, slug))
  return tenant ?? null
}

/** For the operator: all companies. */
export function listTenants(db: Db): Promise<Tenant[]> {
  return db.select().from(tenants).orderBy(asc(tenants.slug))
}

/** For the operator: switches a company's mass mailing module. @throws Refusal `companyNotFound` */
export async function setMailingModule(db: Db, { slug, isOn }: { slug: string; isOn: boolean }): Promise<void> {
  const [changed] = await db
    .update(tenants)
    .set({ hasMailingModule: isOn, version: sql`${tenants.version} + 1` })
    .where(eq(tenants.slug, slug))
    .returning({ id: tenants.id })
  if (!changed) throw new Refusal('companyNotFound', undefined, { slug })
}
