import { and, eq, inArray, ne } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { accounts, messages } from '@/db/schema'
import { now } from '@/lib/clock'
import { dueFrom } from '@/lib/message/due-at'
import { resumedEvents } from '@/lib/webhook/mail-event'
import { holdAccounts } from './hold-accounts'

/** The statements that let an account send again and release what it kept. */
export function resumeStatements(tx: Db, accountIds: string[]) {
  const at = now()
  return [
    ...holdAccounts(accountIds, 'alone'), // no message joins unseen
    ...resumedEvents(tx, accountIds),
    tx.update(accounts).set({ state: 'active', pauseReason: null, pausedText: null, pausedAt: null, dueAt: at }).where(inArray(accounts.id, accountIds)),
    tx
      .update(messages)
      .set({ state: 'queued', waitingFor: null, dueAt: dueFrom(at) })
      .where(and(inArray(messages.accountId, accountIds), eq(messages.state, 'waiting'), eq(messages.waitingFor, 'accountPaused'))),
  ]
}

/** After a card's password, consent or confirmation was mended: its paused accounts try again. Gives how many did. */
export async function resumeAccountsOf(db: Db, { tenantId, cardId }: { tenantId: string; cardId: string }): Promise<number> {
  const paused = await db
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.tenantId, tenantId), eq(accounts.credentialCardId, cardId), ne(accounts.state, 'active')))
  if (paused.length === 0) return 0
  await atomically(db, tx =>
    resumeStatements(
      tx,
      paused.map(({ id }) => id),
    ),
  )
  return paused.length
}

/** One account tries again, whoever mended it. */
export async function resumeAccount(db: Db, { tenantId, identity }: { tenantId: string; identity: string }): Promise<void> {
  const [paused] = await db
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.tenantId, tenantId), eq(accounts.identity, identity), eq(accounts.state, 'paused')))
  if (paused) await atomically(db, tx => resumeStatements(tx, [paused.id]))
}
