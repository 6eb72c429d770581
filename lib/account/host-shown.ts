import { and, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Account, microsoft365Connections } from '@/db/schema'
import { graphServer } from '@/lib/sender/route-facts'

/** The company's cards whose mailbox sends over Microsoft Graph. */
export async function cardsOnGraph(db: Db, tenantId: string): Promise<Set<string>> {
  const onGraph = and(eq(microsoft365Connections.tenantId, tenantId), eq(microsoft365Connections.via, 'graph'))
  const rows = await db.select({ cardId: microsoft365Connections.cardId }).from(microsoft365Connections).where(onGraph)
  return new Set(rows.map(({ cardId }) => cardId))
}

/** The server people are told of: an account keeps its name when its mailbox is switched to Graph. */
export const hostShown = ({ kind, host, credentialCardId }: Pick<Account, 'kind' | 'host' | 'credentialCardId'>, onGraph: Set<string>): string | null =>
  kind === 'microsoft365' && credentialCardId && onGraph.has(credentialCardId) ? graphServer().host : host
