import { and, count, eq, inArray, isNotNull, isNull, lte, notLike, or } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { accounts, messages, tenants } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { after, days, now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { letGo } from '@/lib/outbox/hold'
import { wakeEngines } from '@/lib/outbox/wake-ups'
import { parseAddress } from '@/lib/sender/address'
import { testQueuePattern } from '@/lib/test-send/test-queue'

const redirectedForDays = 7

/** Whether a company's mail is held, and where all of it goes instead; null: as usual. */
type MailSwitch = { heldAt: Date | null; redirectTo: string | null; redirectUntil: Date | null }

/** For anybody of the company: the bar on every page says it to all. */
export async function getMailSwitch(db: Db, { tenantId }: Pick<Actor, 'tenantId'>): Promise<MailSwitch> {
  const [found] = await db
    .select({ heldAt: tenants.heldAt, redirectTo: tenants.redirectTo, redirectUntil: tenants.redirectUntil })
    .from(tenants)
    .where(eq(tenants.id, tenantId))
  const { heldAt = null, ...redirect } = found ?? { redirectTo: null, redirectUntil: null }
  return redirectNow(redirect) ? { heldAt, ...redirect } : { heldAt, redirectTo: null, redirectUntil: null }
}

/** Where mail that is queued now goes instead of its recipients; null: to them. */
export const redirectNow = ({ redirectTo, redirectUntil }: Pick<MailSwitch, 'redirectTo' | 'redirectUntil'>): string | null =>
  redirectTo && redirectUntil && redirectUntil > now() ? redirectTo : null

/** How much would leave when the hold ends: counted by queue, in the index of what waits. */
export async function countHeld(db: Db, { tenantId }: Actor): Promise<number> {
  const queues = db
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.tenantId, tenantId), notLike(accounts.identity, testQueuePattern)))
  const [found] = await db
    .select({ count: count() })
    .from(messages)
    .where(and(inArray(messages.accountId, queues), isNotNull(messages.dueAt)))
  return Number(found?.count ?? 0)
}

/**
 * Nothing of the company leaves from now on, tests excepted, until an admin lets it go. What is at a server this very moment ends.
 * The five days of what is held stand still; an expiry that its sender named does not.
 * @throws Refusal `notAdmin`
 */
export async function holdMail(db: Db, actor: Actor): Promise<void> {
  assertAdmin(actor)
  await db
    .update(tenants)
    .set({ heldAt: now() })
    .where(and(eq(tenants.id, actor.tenantId), isNull(tenants.heldAt)))
}

/** What waited has at least four of its five days before it, but for an expiry that its sender named. @throws Refusal `notAdmin` */
export async function releaseMail(db: Db, actor: Actor): Promise<void> {
  assertAdmin(actor)
  await atomically(db, tx => [
    tx.update(tenants).set({ heldAt: null }).where(eq(tenants.id, actor.tenantId)),
    ...letGo(tx, { at: now(), tenantId: actor.tenantId }),
  ])
  wakeEngines()
}

/**
 * All mail that is queued within the next seven days goes to one address instead; older mail is not touched.
 * @throws Refusal `notAdmin`, `addressInvalid` at `redirectTo`; `alreadyRedirected` to another address: somebody counts on that trial
 */
export async function redirectMail(db: Db, actor: Actor, { redirectTo }: { redirectTo: string }): Promise<void> {
  assertAdmin(actor)
  const set = { redirectTo: parsed(redirectTo.trim()), redirectUntil: after(now(), days(redirectedForDays)) }
  const isFree = or(isNull(tenants.redirectTo), isNull(tenants.redirectUntil), lte(tenants.redirectUntil, now()), eq(tenants.redirectTo, set.redirectTo))
  const redirected = await db
    .update(tenants)
    .set(set)
    .where(and(eq(tenants.id, actor.tenantId), isFree))
    .returning({ id: tenants.id })
  if (redirected.length > 0) return
  throw new Refusal('alreadyRedirected', undefined, { address: (await getMailSwitch(db, actor)).redirectTo ?? '' })
}

/** Mail that is queued from now on goes to its recipients. Asked for by itself: an address left empty must not send a trial to customers. @throws Refusal `notAdmin` */
export async function endRedirect(db: Db, actor: Actor): Promise<void> {
  assertAdmin(actor)
  await db.update(tenants).set({ redirectTo: null, redirectUntil: null }).where(eq(tenants.id, actor.tenantId))
}

function parsed(text: string): string {
  try {
    return parseAddress(text)
  } catch (error) {
    throw error instanceof Refusal ? error.at('redirectTo') : error
  }
}
