import { and, asc, eq, gt, inArray, isNotNull, isNull, lte, or, sql } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Account, accounts, senders } from '@/db/schema'
import { after, hours, now } from '@/lib/clock'
import { log } from '@/lib/log'
import { accountOf, type PreparedMessage } from '@/lib/message/prepare-message'
import { loadRoute } from '@/lib/sender/resolve-route'
import { checkServer, type ServerCheck } from '@/lib/transport/check-server'
import { type Platform, passwordOf, serverOfAccount } from './account-server'
import { pauseAccount } from './pause-account'
import { prepareRecoveryNotices, prepareUnreachableNotices } from './pause-notice'

const atOnce = 8
const daily = () => hours(23 + Math.random() * 2)
const againAfterMs = hours(1) // a server that did not answer is asked once more before anybody is told

const isChecked = and(inArray(accounts.kind, ['smtp', 'microsoft365']), isNotNull(accounts.host), eq(accounts.state, 'active'))

/**
 * One round of the daily check: plans accounts that are new over the coming day, signs in at those that are due, and
 * tells once what broke and what works again. A paused account waits for a person and is left alone. Gives how many were checked.
 */
export async function checkAccounts(db: Db, platform: Platform, { signal }: { signal: AbortSignal }): Promise<number> {
  await planChecks(db)
  const due = await claimDue(db)
  await Promise.all(due.map(account => checkAccount(db, platform, { account, signal })))
  await noteWhatWorks(db)
  return due.length
}

async function planChecks(db: Db): Promise<void> {
  const fresh = await db
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(isChecked, isNull(accounts.checkDueAt)))
    .limit(200)
  if (fresh.length === 0) return
  const at = now()
  await atomically(db, tx =>
    fresh.map(({ id }) =>
      tx
        .update(accounts)
        .set({ checkDueAt: after(at, Math.random() * hours(24)) })
        .where(and(eq(accounts.id, id), isNull(accounts.checkDueAt))),
    ),
  )
}

/** The next time is written before the check begins: two engines never take the same one, and one that dies is made good an hour later. */
async function claimDue(db: Db): Promise<Account[]> {
  const at = now()
  const isDue = and(isChecked, lte(accounts.checkDueAt, at))
  const due = await db.select({ id: accounts.id }).from(accounts).where(isDue).orderBy(asc(accounts.checkDueAt)).limit(atOnce)
  if (due.length === 0) return []
  const ids = due.map(({ id }) => id)
  return db
    .update(accounts)
    .set({ checkDueAt: after(at, againAfterMs) })
    .where(and(inArray(accounts.id, ids), isDue))
    .returning()
}

async function checkAccount(db: Db, platform: Platform, { account, signal }: { account: Account; signal: AbortSignal }): Promise<void> {
  try {
    if (!(await isInUse(db, account))) return await planNext(db, account)
    const server = await serverOfAccount(db, platform, account)
    if ('pauseReason' in server) {
      // a password that is to be typed is asked for where mail waits for it; a consent that ended is news
      if (server.pauseReason === 'consentNeeded') await pauseAccount(db, account, account.leaseNumber, { reason: 'consentNeeded', text: server.text ?? null })
      return await planNext(db, account)
    }
    if ('waitingFor' in server) return // Microsoft cannot be asked now: the check comes again within the hour
    const check = await checkServer(server, { signal })
    if (signal.aborted) return
    log.info({ event: 'accountCheck', accountId: account.id, tenantId: account.tenantId, ...check }, 'account checked')
    await recordCheck(db, account, check, async () => passwordOf(await serverOfAccount(db, platform, account)) === passwordOf(server))
  } catch (error) {
    log.error({ event: 'accountCheck', accountId: account.id, err: error }, 'an account could not be checked')
  }
}

/** Whether a card's mail still leaves this way; what was only tried once, or was left behind, is nobody's news. */
async function isInUse(db: Db, { tenantId, identity, credentialCardId, host, port }: Account): Promise<boolean> {
  const ofServer = and(eq(senders.tenantId, tenantId), eq(senders.host, host ?? ''), eq(senders.port, port ?? 0), isNull(senders.username))
  const cardIds = credentialCardId
    ? [credentialCardId]
    : (await db.select({ cardId: senders.cardId }).from(senders).where(ofServer).limit(5)).map(({ cardId }) => cardId)
  const routes = await Promise.all(cardIds.map(cardId => loadRoute(db, tenantId, cardId)))
  return routes.some(route => accountOf(route).identity === identity)
}

async function recordCheck(db: Db, account: Account, check: ServerCheck, isStillSo: () => Promise<boolean>): Promise<void> {
  if (check.isReady) return recordWorks(db, account)
  if (check.pauseReason) {
    // somebody may have typed another password while the old one was refused
    if (await isStillSo()) await pauseAccount(db, account, account.leaseNumber, { reason: check.pauseReason, text: check.text })
    return planNext(db, account, { checkedAt: now() })
  }
  await recordUnreachable(db, account, check.text)
}

const planNext = async (db: Db, { id }: Account, also: Partial<Account> = {}): Promise<void> => {
  await db
    .update(accounts)
    .set({ ...also, checkDueAt: after(now(), daily()) })
    .where(eq(accounts.id, id))
}

async function recordWorks(db: Db, account: Account): Promise<void> {
  const at = now()
  await planNext(db, account, { checkedAt: at, failingSince: null, failingText: null, worksSince: account.worksSince ?? at })
  if (account.toldFailingAt) await tellRecovery(db, account)
}

/** The first time it is tried again within the hour; the second time those who can do something are told, once. */
async function recordUnreachable(db: Db, account: Account, text: string | null): Promise<void> {
  const at = now()
  const isSecond = account.failingSince !== null
  const failing = { failingSince: account.failingSince ?? at, failingText: text, ...(isSecond ? { worksSince: null, checkDueAt: after(at, daily()) } : {}) }
  const notices = isSecond && !account.toldFailingAt ? await prepareUnreachableNotices(db, account, text) : []
  await tellOnce(db, account, { ...failing, ...(notices.length > 0 ? { toldFailingAt: at } : {}) }, notices)
}

/** What mail itself has shown since: an account that accepted something works, and those who were told otherwise hear it. */
async function noteWhatWorks(db: Db): Promise<void> {
  const isProven = or(isNull(accounts.toldFailingAt), gt(accounts.lastAcceptedAt, accounts.toldFailingAt))
  await db
    .update(accounts)
    .set({ worksSince: sql`${accounts.lastAcceptedAt}`, failingSince: null, failingText: null })
    .where(and(isChecked, isNull(accounts.worksSince), isNotNull(accounts.lastAcceptedAt), isNull(accounts.failingSince), isProven))
  const recovered = await db
    .select()
    .from(accounts)
    .where(and(isChecked, isNotNull(accounts.toldFailingAt), gt(accounts.lastAcceptedAt, accounts.toldFailingAt)))
    .limit(50)
  for (const account of recovered) await tellRecovery(db, account)
}

const tellRecovery = async (db: Db, account: Account): Promise<void> =>
  tellOnce(db, account, { toldFailingAt: null, failingSince: null, failingText: null }, await prepareRecoveryNotices(db, account))

/** State and notices in one write: of two engines one tells. */
async function tellOnce(db: Db, { id, toldFailingAt }: Account, fields: Partial<Account>, notices: PreparedMessage[]): Promise<void> {
  const asSeen = toldFailingAt ? eq(accounts.toldFailingAt, toldFailingAt) : isNull(accounts.toldFailingAt)
  try {
    await atomically(db, tx => [
      must(
        tx
          .update(accounts)
          .set(fields)
          .where(and(eq(accounts.id, id), eq(accounts.state, 'active'), asSeen))
          .returning({ id: accounts.id }),
      ),
      ...notices.flatMap(notice => notice.statements(tx)),
    ])
  } catch (error) {
    if (!(error instanceof NothingMatched)) throw error
  }
}
