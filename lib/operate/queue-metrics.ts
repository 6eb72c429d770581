import { setTimeout as wait } from 'node:timers/promises'
import { and, count, eq, inArray, isNotNull, isNull, lte, min, or, sql } from 'drizzle-orm'
import { Gauge, type Registry } from 'prom-client'
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
  states: Map<Counted, { count: number; oldestAt: Date | null }>
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
export function registerQueueMetrics(db: Db, registry: Registry): void {
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
        if (queue) this.set({ state }, queue.states.get(state)?.count ?? 0)
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
  gauge('posthorn_oldest_queued_seconds', 'Age of the oldest message in state queued', ({ states }) => secondsSince(states.get('queued')?.oldestAt))
  gauge('posthorn_accounts_paused', 'Accounts that wait for a person to mend them', ({ paused }) => paused)
  gauge('posthorn_accounts_leased', 'Accounts that an engine drains now', ({ leased }) => leased)
  gauge('posthorn_accounts_waiting', 'Accounts with something due that no engine has taken yet', ({ free }) => free)
  gauge('posthorn_lease_wait_seconds', 'For how long the longest waiting of these has been due', ({ oldestFreeDueAt }) => secondsSince(oldestFreeDueAt))
  gauge('posthorn_webhook_deliveries_pending', 'Events that have not reached their webhook', ({ deliveries }) => deliveries)
  gauge('posthorn_held', '1 while nothing is sent since a backup was restored', ({ isHeld }) => (isHeld ? 1 : 0))
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
  return {
    states: await countStates(db, isAllHeld),
    paused: Number(paused?.count ?? 0),
    leased: Number(all?.count ?? 0) - Number(free?.count ?? 0),
    free: Number(free?.count ?? 0),
    oldestFreeDueAt: free?.oldestDueAt ?? null,
    deliveries: Number(pending?.count ?? 0),
    isHeld: isAllHeld,
  }
}

/** Company by company: each is a short walk along message_by_state, and what has ended is not touched. */
async function countStates(db: Db, isAllHeld: boolean): Promise<Queue['states']> {
  const found = await countingStates(db).where(and(eq(messages.tenantId, tenants.id), inArray(messages.state, [...live])))
  const states: Queue['states'] = new Map()
  for (const row of found) add(states, countedAs(row, isAllHeld), row)
  return withSending(db, states, isAllHeld)
}

/** What is in hand counts as `sending` and not as what it is stored as. */
async function withSending(db: Db, states: Queue['states'], isAllHeld: boolean): Promise<Queue['states']> {
  const ids = (await db.select({ messageIds: inHand.messageIds }).from(inHand)).flatMap(({ messageIds }) => idsOf(messageIds))
  const sending = await countingStates(db).where(and(eq(messages.tenantId, tenants.id), isAmong(messages.id, ids), isNotNull(messages.dueAt)))
  for (const row of sending) {
    const stored = states.get(countedAs(row, isAllHeld))
    if (stored) stored.count = Math.max(0, stored.count - Number(row.count)) // counted a moment earlier
    add(states, 'sending', row)
  }
  return states
}

type Row = { state: MessageState; isOfHeld: number; count: number; oldestAt: Date | null }

const isOfHeld = sql`case when ${tenants.heldAt} is null then 0 else 1 end`.mapWith(Number)

const countingStates = (db: Db) =>
  db
    .select({ state: messages.state, isOfHeld, count: count(), oldestAt: min(messages.queuedAt) })
    .from(tenants)
    .crossJoin(messages)
    .groupBy(messages.state, isOfHeld)
    .$dynamic()

const countedAs = ({ state, isOfHeld }: Row, isAllHeld: boolean): Counted => (state !== 'unknown' && (isAllHeld || isOfHeld === 1) ? 'held' : state)

function add(states: Queue['states'], state: Counted, { count, oldestAt }: Row): void {
  const before = states.get(state)
  const oldest = before?.oldestAt && (!oldestAt || before.oldestAt < oldestAt) ? before.oldestAt : oldestAt
  states.set(state, { count: (before?.count ?? 0) + Number(count), oldestAt: oldest })
}

const secondsSince = (at: Date | null | undefined) => (at ? Math.max(0, (now().getTime() - at.getTime()) / 1000) : 0)
