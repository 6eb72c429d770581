import { and, eq, isNull } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { accounts, type Message, messages, type TestSend, testSends } from '@/db/schema'
import { findOrCreateAccount } from '@/lib/account/find-account'
import { resumeStatements } from '@/lib/account/resume-accounts'
import { findTrustedCertificate } from '@/lib/account/trusted-certificate'
import { now } from '@/lib/clock'
import { log } from '@/lib/log'
import { accountOf } from '@/lib/message/prepare-message'
import { beginAttempt, endAttempt, markDataEnding } from '@/lib/outbox/attempt'
import type { Engine, Sent } from '@/lib/outbox/drain-account'
import type { Lease } from '@/lib/outbox/lease'
import { open } from '@/lib/secret/seal'
import { openPassword } from '@/lib/sender/open-credential'
import type { Route } from '@/lib/sender/route'
import type { SubmissionServer, SubmitResult } from '@/lib/transport/submission'
import { submit } from '@/lib/transport/submit'
import { valuesPlace } from './sealed-values'
import { StepWriter } from './step-writer'

/** Runs a test by the code that delivers all mail, once, and writes its steps down while they happen. */
export async function runTestSend(db: Db, engine: Engine, lease: Lease, message: Message): Promise<Sent> {
  const [test] = await db
    .select()
    .from(testSends)
    .where(and(eq(testSends.messageId, message.id), isNull(testSends.endedAt)))
  const route = test?.route as Route | undefined
  const server = test && route ? await serverOfTest(db, engine, test, route) : null
  if (!test || !route || !server) {
    await giveUp(db, message)
    return goOn
  }
  const attempt = await beginAttempt(db, lease, message)
  if (!attempt) return goOn
  const steps = new StepWriter(db, test)
  const result = await submit(
    server,
    { envelopeSender: message.envelopeSender, recipients: attempt.pending.map(({ address }) => address), raw: attempt.raw },
    {
      signal: engine.aborting,
      deadlineMs: engine.deadlineMs,
      beforeDataEnd: () => markDataEnding(db, lease, attempt),
      onStep: (position, step) => steps.write(position, step),
    },
  )
  await steps.done()
  const proven = test.valuesSealed === null && result.outcome === 'accepted' ? await findOrCreateAccount(db, test.tenantId, accountOf(route)) : null
  // a test runs once, whatever came of it; a stop of the engine is an end too
  await endAttempt(db, lease, attempt, { ...result, errorCode: result.errorCode === 'stopped' ? 'engineStopped' : result.errorCode }, tx => [
    tx
      .update(testSends)
      .set({ endedAt: now(), outcome: outcomeOf(result), valuesSealed: null, loginRefused: isLoginRefused(result) ? 1 : 0 })
      .where(eq(testSends.id, test.id)),
    ...(proven ? [tx.update(accounts).set({ lastAcceptedAt: now() }).where(eq(accounts.id, proven.id))] : []),
    ...(proven?.state === 'paused' ? resumeStatements(tx, [proven.id]) : []),
  ])
  log.info({ event: 'testSend', testSendId: test.id, outcome: result.outcome, phase: result.phase, code: result.reply?.code, errorCode: result.errorCode })
  return goOn
}

const goOn: Sent = { stop: false, notBefore: null }

/** As far as a test is concerned, a login or an encryption that fails is a refusal. */
const outcomeOf = ({ outcome, blame }: SubmitResult) => (blame === 'account' ? 'refused' : outcome)

const isLoginRefused = ({ phase, reply }: SubmitResult) => phase === 'auth' && reply !== null && reply.code >= 500

async function serverOfTest(db: Db, { mode, relay }: Engine, test: TestSend, route: Route): Promise<SubmissionServer | null> {
  if (accountOf(route).kind === 'relay') return relay
  if (!route.server) return null
  const trusted = await findTrustedCertificate(db, test.tenantId, accountOf(route))
  const server = { ...route.server.value, trust: mode, trustedFingerprint: trusted?.fingerprint256, login: null }
  if (!route.login) return server
  const { username, credentialCardId } = route.login.value
  const { tenantId } = test
  const password = test.valuesSealed
    ? open(test.valuesSealed, valuesPlace(test, { ...server, username }))
    : await openPassword(db, { tenantId, cardId: credentialCardId, host: server.host, port: server.port, tls: server.tls, username })
  return password === null ? null : { ...server, login: { username, password } }
}

/** Wiped meanwhile, or its password was changed between the press of the button and now. */
async function giveUp(db: Db, message: Message): Promise<void> {
  const at = now()
  await db
    .update(testSends)
    .set({ endedAt: at, outcome: 'waiting', valuesSealed: null })
    .where(and(eq(testSends.messageId, message.id), isNull(testSends.endedAt)))
  await db
    .update(messages)
    .set({ state: 'cancelled', dueAt: null, endedAt: at })
    .where(and(eq(messages.id, message.id), eq(messages.state, 'queued')))
}
