import { and, eq, exists, inArray, isNotNull, not, or, type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { compiledQuery } from '@/db/compiled-query'
import { accounts, installations, messages, tenants } from '@/db/schema'
import { after } from '@/lib/clock'
import { hasLostTime, keptForMs } from '@/lib/message/expiry'
import { isUntaken } from '@/lib/message/in-hand'

const held = compiledQuery(db =>
  db
    .select({ id: tenants.id })
    .from(tenants)
    .leftJoin(installations, isNotNull(installations.heldAt))
    .where(and(eq(tenants.id, sql.placeholder('tenantId')), or(isNotNull(tenants.heldAt), isNotNull(installations.heldAt)))),
)

/** Whether a company's mail stays for now: because an admin holds it, or the operator holds everybody's after a restore. */
export const isHeld = async (db: Db, tenantId: string): Promise<boolean> => (await held(db, { tenantId })).length > 0

const looksEveryMs = 200

/** Looks while mail leaves whether a company's stays by now. Messages that are about to begin at once share one look. */
export class HoldLook {
  private lookedAt = 0
  private look: Promise<boolean> | null = null

  constructor(
    private readonly db: Db,
    private readonly tenantId: string,
  ) {}

  /** When the last look is too old for a message that is about to begin. */
  isDue(): boolean {
    return Date.now() - this.lookedAt > looksEveryMs
  }

  isHeld(): Promise<boolean> {
    this.look ??= this.lookNow().finally(() => {
      this.look = null
    })
    return this.look
  }

  private async lookNow(): Promise<boolean> {
    const at = Date.now()
    const isStaying = await isHeld(this.db, this.tenantId)
    this.lookedAt = at
    return isStaying
  }
}

/** The same of messages, for conditions. */
const isOfHeld = (tx: Db) =>
  or(
    inArray(messages.tenantId, tx.select({ id: tenants.id }).from(tenants).where(isNotNull(tenants.heldAt))),
    exists(tx.select({ id: installations.id }).from(installations).where(isNotNull(installations.heldAt))),
  ) as SQL

/** For conditions on messages: that the hold stops its time. One that its sender named runs on. */
export const isTimeStopped = (tx: Db) => and(isOfHeld(tx), eq(messages.isExpiryNamed, false)) as SQL

/** In no case tried again by itself: it is due when it expires. */
const restsToItsEnd = or(eq(messages.waitingFor, 'setAside'), and(eq(messages.state, 'unknown'), eq(messages.kind, 'letter'))) as SQL

/** Five days from then on; also for what is not tried again by itself, and is due when it expires. */
export function fiveDaysFrom(at: Date) {
  const expiresAt = after(at, keptForMs)
  return { expiresAt, dueAt: sql`case when ${restsToItsEnd} then ${sql.param(expiresAt, messages.dueAt)} else ${messages.dueAt} end` }
}

/**
 * The statements after those that end a hold, a company's or everybody's (null): what is held by nothing else is due again, and
 * has at least four of its five days before it. What was not looked at while it was held need not be waited for.
 */
export function letGo(tx: Db, { at, tenantId }: { at: Date; tenantId: string | null }) {
  const isDue = and(eq(messages.accountId, accounts.id), isNotNull(messages.dueAt))
  return [
    tx
      .update(accounts)
      .set({ dueAt: at })
      .where(and(tenantId === null ? undefined : eq(accounts.tenantId, tenantId), exists(tx.select({ id: messages.id }).from(messages).where(isDue)))),
    tx
      .update(messages)
      .set(fiveDaysFrom(at))
      .where(
        and(tenantId === null ? undefined : eq(messages.tenantId, tenantId), isNotNull(messages.dueAt), hasLostTime(at), not(isOfHeld(tx)), isUntaken(tx)),
      ),
  ]
}
