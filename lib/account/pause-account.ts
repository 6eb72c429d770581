import { and, eq, inArray, isNull, ne, or, sql } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Account, accounts, messages, type PauseReason } from '@/db/schema'
import { now } from '@/lib/clock'
import { log } from '@/lib/log'
import type { WaitingFor } from '@/lib/message/message-state'
import { accountEvent } from '@/lib/webhook/mail-event'
import { holdAccounts } from './hold-accounts'
import { preparePauseNotices } from './pause-notice'

const waitingFor: WaitingFor = 'accountPaused'

/** What waits for the account and goes on with it; what was set aside waits for a person, whatever becomes of the account. */
const isOfQueue = and(inArray(messages.state, ['queued', 'waiting']), or(isNull(messages.waitingFor), ne(messages.waitingFor, 'setAside' satisfies WaitingFor)))

/** What comes back to a queue that was paused meanwhile says so. */
export const waitWhilePaused = (tx: Db, accountId: string, messageIds: string[]) =>
  tx
    .update(messages)
    .set({ state: 'waiting', waitingFor })
    .where(and(inArray(messages.id, messageIds), isOfQueue, sql`(select state from account where id = ${accountId}) = 'paused'`))

/**
 * Pauses an account, keeps its mail, and tells those who can mend it, all in one write and only the first time.
 * @param leaseNumber of the lease under which the reason was found
 */
export async function pauseAccount(
  db: Db,
  account: Account,
  leaseNumber: number,
  { reason, text }: { reason: PauseReason; text: string | null },
): Promise<void> {
  const at = now()
  const notices = await preparePauseNotices(db, account, reason, text)
  try {
    await atomically(db, tx => [
      ...holdAccounts([account.id], 'alone'), // no message joins unseen
      must(
        tx
          .update(accounts)
          .set({ state: 'paused', pauseReason: reason, pausedText: text, pausedAt: at, worksSince: null, failingSince: null, toldFailingAt: at })
          .where(and(eq(accounts.id, account.id), eq(accounts.leaseNumber, leaseNumber), eq(accounts.state, 'active')))
          .returning({ id: accounts.id }),
      ),
      tx
        .update(messages)
        .set({ state: 'waiting', waitingFor })
        .where(and(eq(messages.accountId, account.id), isOfQueue)),
      ...accountEvent(tx, account, { event: 'account.paused', facts: { reason, text } }),
      ...notices.flatMap(notice => notice.statements(tx)),
    ])
    log.info({ event: 'accountPaused', accountId: account.id, tenantId: account.tenantId, reason }, 'account paused')
  } catch (error) {
    if (!(error instanceof NothingMatched)) throw error // paused already, or the lease is another's: told already
  }
}
