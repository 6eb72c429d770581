import { and, eq, inArray, lte } from 'drizzle-orm'
import { atomically, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { isStorageAway } from '@/db/is-storage-away'
import { type Account, messages } from '@/db/schema'
import { type Platform, serverOfAccount } from '@/lib/account/account-server'
import { pauseAccount } from '@/lib/account/pause-account'
import { after, minutes, now, seconds } from '@/lib/clock'
import { log } from '@/lib/log'
import type { WaitingFor } from '@/lib/message/message-state'
import { runTestSend } from '@/lib/test-send/run-test-send'
import { isTestQueue } from '@/lib/test-send/test-queue'
import { SessionPool } from '@/lib/transport/session-pool'
import { loadAllowance } from './allowance'
import { Hand } from './hand'
import { isHeld } from './hold'
import { insist } from './insist'
import { Journal } from './journal'
import { giveBack, type Lease, leaseMs, mustHold, renewLease } from './lease'
import { recoverMessages } from './recover'
import { Shares } from './shares'
import { type Attempt, putBack, takeDue } from './take-due'
import { Turn } from './turn'

/** What every drain of an engine shares. `stopping`: begin nothing more; `aborting`: break off what has not been handed over. */
export type Engine = Platform & {
  id: string
  stopping: AbortSignal
  aborting: AbortSignal
  deadlineMs?: number
  lastAnswerMs?: number // for the answer to what was handed over whole, once `aborting` is said
  lingerMs?: number // how long a drained account waits for one more message
  sessions: SessionPool
  shares: Shares
  begun: Map<string, number[]> // when messages of an account were begun in the last minute, whichever turn it was
  othersWait: () => boolean // accounts are due that find no place
  onWork: (accountId: string, listener: () => void) => () => void // mail may have come for this account
}

/** What an engine cannot do without; an account drained by itself gets connections of its own. */
export type Told = Pick<Engine, 'id' | 'mode' | 'relay' | 'stopping' | 'aborting'> & Partial<Engine>

const restMs = minutes(1) // of an account that cannot be drained, as when no key opens its password: others have their turn

/** Drains one leased account: what an engine left behind, then what is due; then gives it back. */
export async function drainAccount(db: Db, told: Told, account: Account): Promise<void> {
  const engine: Engine = {
    sessions: new SessionPool(),
    shares: new Shares(),
    begun: new Map(),
    othersWait: () => false,
    onWork: () => () => undefined,
    ...told,
  }
  const lease: Lease = { accountId: account.id, number: account.leaseNumber }
  const renewing = setInterval(() => renewLease(db, lease).catch(() => undefined), leaseMs / 3)
  let notBefore: Date | null = null
  try {
    const recovered = await recoverMessages(db, lease)
    notBefore = isTestQueue(account) ? await runTests(db, engine, lease) : await drainMail(db, engine, { account, lease, recovered })
  } catch (error) {
    if (!(error instanceof NothingMatched)) {
      if (!isStorageAway(error)) notBefore = after(now(), restMs)
      throw error
    }
    // the lease went to another engine, which does the rest
    log.warn({ event: 'leaseLost', accountId: account.id, engineId: engine.id }, 'lease lost')
  } finally {
    clearInterval(renewing)
    if (!told.sessions) engine.sessions.close()
    await insist(() => giveBack(db, lease, notBefore), engine.aborting)
  }
}

/** A test is one message, run once. */
async function runTests(db: Db, engine: Engine, lease: Lease): Promise<null> {
  const hand = new Hand(lease)
  const taken = await takeDue(db, hand, { limit: 3, aborting: engine.aborting })
  while (taken.length > 0 && !engine.stopping.aborted) await runTestSend(db, engine, hand, taken.shift() as Attempt)
  await putBack(db, hand, taken)
  return null
}

type Drain = { account: Account; lease: Lease; recovered: number }

async function drainMail(db: Db, engine: Engine, { account, lease, recovered }: Drain): Promise<Date | null> {
  if (await isHeld(db, account.tenantId)) return after(now(), seconds(60))
  if (account.restsUntil && account.restsUntil > now()) return account.restsUntil
  const server = await serverOfAccount(db, engine, account)
  if ('pauseReason' in server) {
    await pauseAccount(db, account, lease.number, { reason: server.pauseReason, text: server.text ?? null })
    return null
  }
  if ('waitingFor' in server) {
    await sayWhyItWaits(db, lease, server.waitingFor)
    return server.notBefore
  }
  const hand = new Hand(lease)
  const [journal, allowance] = [new Journal(db, hand, account.tenantId, engine.aborting), await loadAllowance(db, account, begunOf(engine, account))]
  const turn = new Turn({ db, engine, account, hand, server, journal, allowance, suspects: recovered })
  return engine.shares.during(allowance.limits, () => turn.run())
}

function begunOf({ begun }: Engine, { id }: Account): number[] {
  const lately = (begun.get(id) ?? []).filter(at => at > now().getTime() - minutes(1))
  begun.set(id, lately)
  return lately
}

/** Nothing was tried, so no attempt counts; who looks at the outbox is told. */
async function sayWhyItWaits(db: Db, lease: Lease, waitingFor: WaitingFor): Promise<void> {
  const due = and(eq(messages.accountId, lease.accountId), inArray(messages.state, ['queued', 'waiting']), lte(messages.dueAt, now()))
  await atomically(db, tx => [mustHold(lease), tx.update(messages).set({ state: 'waiting', waitingFor }).where(due)])
}
