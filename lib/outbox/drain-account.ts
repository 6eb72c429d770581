import { and, eq, inArray, lte } from 'drizzle-orm'
import { atomically, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type Account, type Message, messages } from '@/db/schema'
import { type Platform, serverOfAccount } from '@/lib/account/account-server'
import { pauseAccount } from '@/lib/account/pause-account'
import { after, now, seconds } from '@/lib/clock'
import { log } from '@/lib/log'
import type { WaitingFor } from '@/lib/message/message-state'
import { runTestSend } from '@/lib/test-send/run-test-send'
import { isTestQueue } from '@/lib/test-send/test-queue'
import type { SubmissionServer, SubmitResult } from '@/lib/transport/submission'
import { submit } from '@/lib/transport/submit'
import { beginAttempt, endAttempt, markDataEnding, recoverAttempts } from './attempt'
import { giveBack, type Lease, leaseMs, listDue, mustHold, renewLease } from './lease'

const atOnce = 3 // messages of one account at the same time
const turnMs = seconds(20) // then others get theirs

/** `stopping`: begin nothing more; `aborting`: break off what runs. */
export type Engine = Platform & { id: string; stopping: AbortSignal; aborting: AbortSignal; deadlineMs?: number }

/** Drains one leased account: what an engine left behind, then everything due, a few at a time; then gives it back. */
export async function drainAccount(db: Db, engine: Engine, account: Account): Promise<void> {
  const lease: Lease = { accountId: account.id, number: account.leaseNumber }
  const renewing = setInterval(() => renewLease(db, lease).catch(() => undefined), leaseMs / 3)
  let notBefore: Date | null = null
  try {
    await recoverAttempts(db, lease)
    notBefore = isTestQueue(account)
      ? await drain(db, engine, lease, message => runTestSend(db, engine, lease, message))
      : await drainMail(db, engine, account, lease)
  } catch (error) {
    if (!(error instanceof NothingMatched)) throw error // the lease went to another engine, which does the rest
    log.warn({ event: 'leaseLost', accountId: account.id, engineId: engine.id }, 'lease lost')
  } finally {
    clearInterval(renewing)
    await giveBack(db, lease, notBefore)
  }
}

async function drainMail(db: Db, engine: Engine, account: Account, lease: Lease): Promise<Date | null> {
  const server = await serverOfAccount(db, engine, account)
  if ('pauseReason' in server) {
    await pauseAccount(db, account, lease.number, { reason: server.pauseReason, text: server.text ?? null })
    return null
  }
  if ('waitingFor' in server) {
    await sayWhyItWaits(db, lease, server.waitingFor)
    return server.notBefore
  }
  return drain(db, engine, lease, message => sendMessage(db, engine, account, lease, server, message))
}

/** Nothing was tried, so no attempt counts; who looks at the outbox is told. */
async function sayWhyItWaits(db: Db, lease: Lease, waitingFor: WaitingFor): Promise<void> {
  const due = and(eq(messages.accountId, lease.accountId), inArray(messages.state, ['queued', 'waiting']), lte(messages.dueAt, now()))
  await atomically(db, tx => [mustHold(tx, lease), tx.update(messages).set({ state: 'waiting', waitingFor }).where(due)])
}

/** What one message means for those behind it: `stop` when the server cannot be reached or the account was paused. */
export type Sent = { stop: boolean; notBefore: Date | null }

async function drain(db: Db, engine: Engine, lease: Lease, send: (message: Message) => Promise<Sent>): Promise<Date | null> {
  const running = new Map<string, Promise<void>>()
  const tried: string[] = []
  const turnEnds = after(now(), turnMs)
  let notBefore: Date | null = null
  let failure: unknown = null
  let stopped = false
  let isProven = false // one message goes ahead: three wrong passwords at once would lock the account at its server
  const mayGoOn = () => !stopped && failure === null && !engine.stopping.aborted && now() < turnEnds
  const start = async (message: Message) => {
    try {
      const sent = await send(message)
      stopped ||= sent.stop
      isProven = true
      notBefore = sent.notBefore ?? notBefore
    } catch (error) {
      failure ??= error
    } finally {
      running.delete(message.id)
    }
  }
  while (mayGoOn()) {
    const due = await listDue(db, lease, { limit: (isProven ? atOnce : 1) - running.size, except: tried.slice(-200) })
    if (due.length === 0 && running.size === 0) break
    for (const message of due) {
      tried.push(message.id)
      running.set(message.id, start(message))
    }
    if (running.size > 0) await Promise.race(running.values())
  }
  await Promise.all(running.values())
  if (failure !== null) throw failure
  return notBefore
}

async function sendMessage(db: Db, engine: Engine, account: Account, lease: Lease, server: SubmissionServer, message: Message): Promise<Sent> {
  const attempt = await beginAttempt(db, lease, message)
  if (!attempt) return { stop: false, notBefore: null }
  const { envelopeSender } = message
  const submitted = await submit(
    server,
    { envelopeSender, recipients: attempt.pending.map(({ address }) => address), raw: attempt.raw },
    { signal: engine.aborting, deadlineMs: engine.deadlineMs, beforeDataEnd: () => markDataEnding(db, lease, attempt) },
  )
  const result = account.kind === 'relay' ? onlyWaiting(submitted) : submitted
  const { state, dueAt } = await endAttempt(db, lease, attempt, result)
  log.info({
    event: 'attempt',
    messageId: message.id,
    accountId: account.id,
    state,
    phase: result.phase,
    code: result.reply?.code,
    errorCode: result.errorCode,
    durationMs: result.durationMs,
  })
  if (result.pauseReason) await pauseAccount(db, account, lease.number, { reason: result.pauseReason, text: saidBy(result) })
  return { stop: result.blame === 'account' || result.blame === 'server', notBefore: result.blame === 'server' ? dueAt : null }
}

/** A company cannot mend the platform's relay: its mail waits and is tried again, the queue is never paused. */
function onlyWaiting(result: SubmitResult): SubmitResult {
  if (result.blame !== 'account') return result
  log.error({ event: 'relayRefused', phase: result.phase, code: result.reply?.code, errorCode: result.errorCode }, 'the platform relay does not let us in')
  return { ...result, blame: 'server', pauseReason: null }
}

const saidBy = ({ reply, errorText }: SubmitResult) => (reply ? [reply.code, reply.enhancedStatus, reply.text].filter(Boolean).join(' ') : errorText)
