import { and, type Column, eq, gt, lte, notExists } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { accounts, microsoft365Connections, webhookDeliveries, webhooks } from '@/db/schema'
import { after, days, now } from '@/lib/clock'
import { listensTo, webhookStatements } from './webhook-statements'

const grantDays = 90 // Microsoft ends a grant that was not used for so long
const toldBeforeDays = 15
const atOnce = 500 // and the others an hour later

/**
 * Tells of Microsoft connections that could not be renewed for so long that Microsoft will soon end them, once each time
 * it comes to that. They are renewed every few weeks by themselves: this is for when that keeps failing.
 */
export async function tellOfExpiring(db: Db): Promise<void> {
  const at = now()
  const expiring = await db
    .selectDistinct({ id: accounts.id, tenantId: accounts.tenantId, refreshedAt: microsoft365Connections.refreshedAt })
    .from(microsoft365Connections)
    .innerJoin(accounts, and(eq(accounts.credentialCardId, microsoft365Connections.cardId), eq(accounts.kind, 'microsoft365')))
    .innerJoin(webhooks, and(eq(webhooks.tenantId, accounts.tenantId), listensTo('account.expiring')))
    .where(
      and(
        eq(microsoft365Connections.state, 'active'),
        lte(microsoft365Connections.refreshedAt, after(at, -days(grantDays - toldBeforeDays))),
        notToldSince(db, accounts.id, microsoft365Connections.refreshedAt),
      ),
    )
    .limit(atOnce)
  if (expiring.length === 0) return
  await atomically(db, tx =>
    webhookStatements(
      tx,
      expiring.map(({ id, tenantId, refreshedAt }) => ({
        event: 'account.expiring' as const,
        tenantId,
        subjectId: id,
        facts: { reason: 'consentUnused', expiresAt: after(refreshedAt, days(grantDays)).toISOString() },
        onlyIf: tx => notToldSince(tx, id, refreshedAt),
      })),
    ),
  )
}

const notToldSince = (tx: Db, accountId: string | Column, since: Date | Column) =>
  notExists(
    tx
      .select({ id: webhookDeliveries.id })
      .from(webhookDeliveries)
      .where(
        and(
          eq(webhookDeliveries.webhookId, webhooks.id),
          eq(webhookDeliveries.event, 'account.expiring'),
          eq(webhookDeliveries.subjectId, accountId),
          gt(webhookDeliveries.occurredAt, since),
        ),
      ),
  )
