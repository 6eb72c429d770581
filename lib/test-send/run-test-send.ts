import { and, eq, isNotNull, isNull } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { accounts, type Message, messages, type TestSend, testSends } from '@/db/schema'
import { type CannotSend, serverFor } from '@/lib/account/account-server'
import { findOrCreateAccount } from '@/lib/account/find-account'
import { resumeStatements } from '@/lib/account/resume-accounts'
import { minutes, now } from '@/lib/clock'
import { log } from '@/lib/log'
import { accountOf } from '@/lib/message/prepare-message'
import { moveStatements } from '@/lib/microsoft365/move-off-password'
import type { Engine } from '@/lib/outbox/drain-account'
import type { Hand } from '@/lib/outbox/hand'
import { Journal } from '@/lib/outbox/journal'
import { mustHold } from '@/lib/outbox/lease'
import { outcomeOf } from '@/lib/outbox/outcome'
import { type Attempt, rawOf } from '@/lib/outbox/take-due'
import { NoKey, open } from '@/lib/secret/seal'
import { openPassword } from '@/lib/sender/open-credential'
import type { Route } from '@/lib/sender/route'
import type { ConversationStep } from '@/lib/transport/conversation'
import { visible } from '@/lib/transport/server-text'
import type { SubmissionServer, SubmitResult } from '@/lib/transport/submission'
import { submit } from '@/lib/transport/submit'
import type { StepListener } from '@/lib/transport/transcript'
import { valuesPlace } from './sealed-values'
import { StepWriter } from './step-writer'

const testAnswerMs = minutes(2) // somebody looks on; a copy more of a test to oneself does no harm

/** Runs a test by the code that delivers all mail, once, and writes its steps down while they happen. */
export async function runTestSend(db: Db, engine: Engine, hand: Hand, attempt: Attempt): Promise<void> {
  const { message } = attempt
  const [test] = await db
    .select()
    .from(testSends)
    .where(and(eq(testSends.messageId, message.id), isNull(testSends.endedAt)))
  const route = test?.route as Route | undefined
  const server = test && route ? await serverOfTest(db, engine, test, route) : null
  if (!test || !route || !server || (await isRunStopped(db, test))) return giveUp(db, hand, message)
  const journal = new Journal(db, hand, test.tenantId, engine.aborting)
  const steps = new StepWriter(db, test)
  const onStep: StepListener = (position, step) => steps.write(position, step)
  const recipients = attempt.pending.map(({ address }) => address)
  const result =
    'errorCode' in server
      ? withoutSignIn(server, { recipients, onStep })
      : await submit(
          server,
          { envelopeSender: message.envelopeSender, recipients, raw: await rawOf(db, attempt) },
          {
            signal: engine.aborting,
            deadlineMs: engine.deadlineMs,
            lastAnswerMs: engine.lastAnswerMs,
            answerMs: testAnswerMs,
            beforeDataEnd: () => journal.mark(attempt),
            onStep,
          },
        )
  await steps.done()
  const proven = test.valuesSealed === null && result.outcome === 'accepted' ? await findOrCreateAccount(db, test.tenantId, accountOf(route)) : null
  // a test runs once, whatever came of it; a stop of the engine is an end too
  const outcome = outcomeOf(attempt, { ...result, errorCode: result.errorCode === 'stopped' ? 'engineStopped' : result.errorCode })
  await journal.end(attempt, outcome, tx => [
    tx
      .update(testSends)
      .set({ endedAt: now(), outcome: testOutcomeOf(result), valuesSealed: null, loginRefused: isLoginRefused(result) ? 1 : 0 })
      .where(eq(testSends.id, test.id)),
    ...(proven?.state === 'paused' ? resumeStatements(tx, [proven.id]) : []), // it wants the account alone: before anything else touches it
    ...(proven ? [tx.update(accounts).set({ lastAcceptedAt: now() }).where(eq(accounts.id, proven.id))] : []),
    ...(result.outcome === 'accepted' ? moveStatements(tx, test, route) : []),
  ])
  log.info({ event: 'testSend', testSendId: test.id, outcome: result.outcome, phase: result.phase, code: result.reply?.code, errorCode: result.errorCode })
}

/** In a run over many cards one refused login ends the rest: they sign in the same way. */
async function isRunStopped(db: Db, { runId }: TestSend): Promise<boolean> {
  if (!runId) return false
  const [refused] = await db
    .select({ id: testSends.id })
    .from(testSends)
    .where(and(eq(testSends.runId, runId), eq(testSends.loginRefused, 1)))
    .limit(1)
  return refused !== undefined
}

/** As far as a test is concerned, a login or an encryption that fails is a refusal. */
const testOutcomeOf = ({ outcome, blame }: SubmitResult) => (blame === 'account' ? 'refused' : outcome)

const isLoginRefused = ({ phase, reply }: SubmitResult) => phase === 'auth' && reply !== null && reply.code >= 500

type NoSignIn = { errorCode: 'consentNeeded' | 'microsoftUnavailable' | 'microsoftMisconfigured' | 'keyMissing'; text: string; mechanism?: 'XOAUTH2' }

/** As mail of this route would go, but with the password typed for the test; null: there is none any more. */
async function serverOfTest(db: Db, engine: Engine, test: TestSend, route: Route): Promise<SubmissionServer | NoSignIn | null> {
  const { tenantId, valuesSealed } = test
  try {
    const found = await serverFor(db, engine, {
      account: { tenantId, ...accountOf(route) },
      findPassword: async use => (valuesSealed ? open(valuesSealed, valuesPlace(test, use)) : openPassword(db, use)),
    })
    return 'waitingFor' in found || 'pauseReason' in found ? noSignIn(found) : found
  } catch (error) {
    if (!(error instanceof NoKey)) throw error
    log.error({ event: 'keyMissing', testSendId: test.id, err: error }, 'this process has not the key of a password; see posthorn doctor')
    return { errorCode: 'keyMissing', text: '' }
  }
}

function noSignIn(found: CannotSend): NoSignIn | null {
  const mechanism = 'XOAUTH2'
  if ('waitingFor' in found) {
    const errorCode = found.waitingFor === 'microsoftMisconfigured' ? 'microsoftMisconfigured' : 'microsoftUnavailable'
    return { errorCode, text: '', mechanism }
  }
  return found.pauseReason === 'consentNeeded' ? { errorCode: 'consentNeeded', text: found.text ?? '', mechanism } : null
}

/** The conversation that did not begin: there is no password or token to sign in with. */
function withoutSignIn({ errorCode, text, mechanism }: NoSignIn, { recipients, onStep }: { recipients: string[]; onStep: StepListener }): SubmitResult {
  const step: ConversationStep = {
    phase: 'auth',
    state: 'failed',
    startedAt: Date.now(),
    durationMs: 0,
    facts: { mechanism, errorCode },
    lines: text ? [{ who: 'note', text: visible(text) }] : [],
  }
  onStep(0, step)
  const blame = errorCode === 'consentNeeded' ? 'account' : 'server'
  return {
    ...{ outcome: 'waiting', blame, pauseReason: null, phase: 'auth', reply: null, errorCode, errorText: text || null, dataEnded: false },
    recipients: recipients.map(address => ({ address, outcome: 'waiting', reply: null })),
    ...{ serverAddress: null, tls: null, durationMs: 0, steps: [step] },
  }
}

/** Wiped meanwhile, or its password was changed between the press of the button and now. */
async function giveUp(db: Db, hand: Hand, message: Message): Promise<void> {
  const at = now()
  const leaving = [{ id: message.id, isDone: true }]
  await atomically(db, tx => [
    mustHold(hand.lease),
    tx
      .update(testSends)
      .set({ endedAt: at, outcome: 'waiting', valuesSealed: null })
      .where(and(eq(testSends.messageId, message.id), isNull(testSends.endedAt))),
    tx
      .update(messages)
      .set({ state: 'cancelled', dueAt: null, endedAt: at })
      .where(and(eq(messages.id, message.id), isNotNull(messages.dueAt))),
    ...hand.leaveSteps(tx, leaving),
  ])
  hand.leave(leaving)
}
