import { setTimeout as wait } from 'node:timers/promises'
import { and, count, eq, gt, isNotNull, isNull, lte, min, not, or, type SQL, sql } from 'drizzle-orm'
import { Gauge, Registry } from 'prom-client'
import type { Db } from '@/db/client'
import { isAmong } from '@/db/compiled-query'
import { accounts, inHand, installations, type MessageState, messages, tenants, webhookDeliveries, webhooks } from '@/db/schema'
import { now } from '@/lib/clock'
import { log } from '@/lib/log'
import { idsOf } from '@/lib/message/in-hand'

const live = ['queued', 'waiting', 'unknown'] as const
const shown = [...live, 'sending', 'held'] as const satisfies Counted[]
const freshMs = 5_000
const patienceMs = 8_000 // Prometheus gives up after ten seconds
const mostOfTime = 20 // a look that took a second is good for twenty

/** Besides the states of messages: `held`, queued or waiting of a company whose mail an admin, or after a restore the operator, holds. */
type Counted = MessageState | 'held'

type Queue = {
  states: Map<Counted, number>
  oldestDueAt: Date | null // of what is queued; null: nothing is due
  paused: number
  leased: number
  free: number
  oldestFreeDueAt: Date | null
  deliveries: number
  isHeld: boolean
}

/**
 * Gauges read from the database when they are asked for, at most every few seconds and for a twentieth of the time. While it is away
 * they have no figures, and `posthorn_database_up` is 0; what the process has counted by itself is told all the same.
 */
export function queueMetrics(db: Db): Registry {
  const registry = new Registry()
  let seen: { queue: Promise<Queue | null>; until: number } | null = null
  const look = (): Promise<Queue | null> => {
    if (seen && Date.now() < seen.until) return seen.queue
    const began = Date.now()
    const looked = { queue: queueOrNone(db), until: Number.POSITIVE_INFINITY } // all gauges of one question share one look
    looked.queue.then(queue => {
      looked.until = Date.now() + (queue ? Math.max(freshMs, (Date.now() - began) * mostOfTime) : 0)
    })
    seen = looked
    return looked.queue
  }
  const gauge = (name: string, help: string, read: (queue: Queue) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const queue = await look()
        if (queue) this.set(read(queue))
        else this.remove()
      },
    })
  new Gauge({
    name: 'posthorn_messages',
    help: 'Messages that have not ended, by state; held: queued or waiting while their company’s mail, or everybody’s, is held',
    labelNames: ['state'] as const,
    registers: [registry],
    async collect() {
      const queue = await look()
      for (const state of shown) {
        if (queue) this.set({ state }, queue.states.get(state) ?? 0)
        else this.remove({ state })
      }
    },
  })
  new Gauge({
    name: 'posthorn_database_up',
    help: '0 while the database cannot be read, and with it the figures of the queue',
    registers: [registry],
    async collect() {
      this.set((await look()) ? 1 : 0)
    },
  })
  gauge('posthorn_oldest_queued_seconds', 'For how long the longest waiting of the queued messages that may leave has been due', ({ oldestDueAt }) =>
    secondsSince(oldestDueAt),
  )
  gauge('posthorn_accounts_paused', 'Accounts that wait for a person to mend them', ({ paused }) => paused)
  gauge('posthorn_accounts_leased', 'Accounts that an engine drains now', ({ leased }) => leased)
  gauge('posthorn_accounts_waiting', 'Accounts with something due that no engine has taken yet', ({ free }) => free)
  gauge('posthorn_lease_wait_seconds', 'For how long the longest waiting of these has been due', ({ oldestFreeDueAt }) => secondsSince(oldestFreeDueAt))
  gauge('posthorn_webhook_deliveries_pending', 'Events that have not reached their webhook', ({ deliveries }) => deliveries)
  gauge('posthorn_held', '1 while nothing is sent since a backup was restored', ({ isHeld }) => (isHeld ? 1 : 0))
  return registry
}

/** Null when the database does not answer in time for whoever collects. */
async function queueOrNone(db: Db): Promise<Queue | null> {
  const late = new AbortController()
  const looking = lookAtQueue(db).catch(error => {
    log.warn({ event: 'metrics', err: error }, 'the figures of the queue could not be read')
    return null
  })
  const queue = await Promise.race([looking, wait(patienceMs, null, { signal: late.signal }).catch(() => null)])
  late.abort()
  return queue
}

async function lookAtQueue(db: Db): Promise<Queue> {
  const at = now()
  const [installation] = await db.select({ heldAt: installations.heldAt }).from(installations)
  const isAllHeld = Boolean(installation?.heldAt)
  const isFree = or(isNull(accounts.leaseUntil), lte(accounts.leaseUntil, at))
  const due = and(eq(accounts.state, 'active'), lte(accounts.dueAt, at))
  const [free] = await db
    .select({ count: count(), oldestDueAt: min(accounts.dueAt) })
    .from(accounts)
    .where(and(due, isFree))
  const [paused] = await db.select({ count: count() }).from(accounts).where(eq(accounts.state, 'paused'))
  const [all] = await db.select({ count: count() }).from(accounts).where(due)
  const [pending] = await db
    .select({ count: count() })
    .from(webhooks)
    .crossJoin(webhookDeliveries)
    .where(and(eq(webhookDeliveries.webhookId, webhooks.id), eq(webhookDeliveries.state, 'pending')))
  const hand = (await db.select({ messageIds: inHand.messageIds }).from(inHand)).flatMap(({ messageIds }) => idsOf(messageIds))
  const states = await countStates(db, isAllHeld, hand)
  return {
    states,
    oldestDueAt: await findOldestDueAt(db, states, hand),
    paused: Number(paused?.count ?? 0),
    leased: Number(all?.count ?? 0) - Number(free?.count ?? 0),
    free: Number(free?.count ?? 0),
    oldestFreeDueAt: free?.oldestDueAt ?? null,
    deliveries: Number(pending?.count ?? 0),
    isHeld: isAllHeld,
  }
}

/** What is in hand counts as `sending` and not as what it is stored as. */
async function countStates(db: Db, isAllHeld: boolean, hand: string[]): Promise<Queue['states']> {
  const states: Queue['states'] = new Map()
  const change = (state: Counted, by: number) => states.set(state, Math.max(0, (states.get(state) ?? 0) + by)) // what is in hand was counted a moment earlier
  const countedAs = (state: MessageState, isOfHeld: number): Counted => (state !== 'unknown' && (isAllHeld || isOfHeld === 1) ? 'held' : state)
  for (const { isOfHeld, ...counts } of await countStored(db)) for (const state of live) change(countedAs(state, isOfHeld), counts[state])
  const sending = await db
    .select({ state: messages.state, isOfHeld, count: count() })
    .from(tenants)
    .crossJoin(messages)
    .where(and(eq(messages.tenantId, tenants.id), isAmong(messages.id, hand), isNotNull(messages.dueAt)))
    .groupBy(messages.state, isOfHeld)
  for (const row of sending) {
    change(countedAs(row.state, row.isOfHeld), -Number(row.count))
    change('sending', Number(row.count))
  }
  return states
}

const isOfHeld = sql`case when ${tenants.heldAt} is null then 0 else 1 end`.mapWith(Number)

/**
 * Company by company and state by state: each is a short walk along message_by_state, and what has ended is not touched. Where one
 * statement groups them by state, SQLite sorts a row for every message: 430 ms for half a million instead of 65.
 */
function countStored(db: Db) {
  const sumOf = (state: (typeof live)[number]) => {
    const stored = and(eq(messages.tenantId, tenants.id), eq(messages.state, state))
    return sql`sum((${db.select({ count: count() }).from(messages).where(stored)}))`.mapWith(Number)
  }
  return db
    .select({ isOfHeld, queued: sumOf('queued'), waiting: sumOf('waiting'), unknown: sumOf('unknown') })
    .from(tenants)
    .groupBy(isOfHeld)
}

/**
 * Since when the longest of what is queued has been due. What is to be sent later is not due; what is in hand is being sent; held mail,
 * expired mail and that of paused accounts nobody is to send. Either way passes over some of what waits: the one that passes over less.
 */
async function findOldestDueAt(db: Db, states: Queue['states'], hand: string[]): Promise<Date | null> {
  const [queued, waiting] = [states.get('queued') ?? 0, states.get('waiting') ?? 0]
  if (queued === 0) return null
  const at = now()
  const isDue = and(lte(messages.dueAt, at), gt(messages.expiresAt, at), eq(messages.state, 'queued'), not(isAmong(messages.id, hand)))
  return queued < waiting ? oldestOfQueued(db, isDue) : oldestByAccount(db, isDue)
}

/** All that is queued, along message_by_state: where much else waits, it lies in front of it in every account. */
async function oldestOfQueued(db: Db, isDue: SQL | undefined): Promise<Date | null> {
  const [found] = await db
    .select({ dueAt: min(messages.dueAt) })
    .from(tenants)
    .crossJoin(messages)
    .crossJoin(accounts)
    .where(and(isNull(tenants.heldAt), eq(messages.tenantId, tenants.id), isDue, eq(accounts.id, messages.accountId), eq(accounts.state, 'active')))
  return found?.dueAt ?? null
}

/** The first of each account and priority, as an engine takes them up, along message_due. */
async function oldestByAccount(db: Db, isDue: SQL | undefined): Promise<Date | null> {
  const firstOf = (priority: number) => {
    const first = db.select({ dueAt: min(messages.dueAt) }).from(messages)
    return sql<Date | null>`min((${first.where(and(eq(messages.accountId, accounts.id), eq(messages.priority, priority), isDue))}))`.mapWith(messages.dueAt)
  }
  const [found] = await db
    .select({ first: firstOf(0), second: firstOf(1), third: firstOf(2) })
    .from(accounts)
    .innerJoin(tenants, eq(tenants.id, accounts.tenantId))
    .where(and(eq(accounts.state, 'active'), isNotNull(accounts.dueAt), isNull(tenants.heldAt)))
  const times = Object.values(found ?? {}).flatMap(dueAt => dueAt?.getTime() ?? [])
  return times.length > 0 ? new Date(Math.min(...times)) : null
}

const secondsSince = (at: Date | null | undefined) => (at ? Math.max(0, (now().getTime() - at.getTime()) / 1000) : 0)
