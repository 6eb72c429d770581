import { and, asc, count, desc, eq, gt, isNotNull, isNull } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { attempts, cards, messages, type TestSend, testSends } from '@/db/schema'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { requireCard } from '@/lib/card/require-card'
import { after, hours, now, seconds } from '@/lib/clock'
import { type Explained, explainAttempt } from '@/lib/diagnosis/explain-failure'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import type { Language } from '@/lib/language'
import { cardsThroughBase } from '@/lib/sender/followers'
import { draftBase } from '@/lib/sender/letters'
import { type CompanyFacts, factsOf, loadCompanyFacts } from '@/lib/sender/route-facts'
import { resolveRoute } from '@/lib/sender/route-rules'
import type { SenderInput } from '@/lib/sender/sender.form'
import { parseSenderInput } from '@/lib/sender/sender-draft'
import { endingOf, endingText } from '@/lib/transport/ending-text'
import { holdCompany } from './limits'
import { findOwnAddress } from './own-address'
import { prepareTest } from './prepare-test'
import { withoutBlanks } from './test-send'

const mostCards = 50
const runsPerHour = 3
const atOnce = 3 // of one account; the server should not take a test for an attack
const apartMs = seconds(4)

/** How the server answered to one card's From; `outcome` null while its test is still to come. */
export type IdentityTest = {
  code: string
  name: string
  from: string
  replyTo: string | null
  host: string
  outcome: TestSend['outcome']
  said: string | null
  explained: Explained | null
}

export type IdentityRun = { id: string; startedAt: Date; ended: boolean; tests: IdentityTest[] }

/** `values`: what is on screen and not saved, for the actor's own card; without them the base user is tested as saved. */
type IdentityRunInput = { values?: SenderInput; language?: Language }

/**
 * Sends a real test as each card that leaves through the base user's account, to the admin who asks: servers refuse a From
 * that is not the account's own only after the whole message. A few at a time, and none after a refused login. Changes no configuration;
 * an unsaved password is sealed for each test alone.
 * @throws Refusal `notAdmin`, `noBaseUser`, `testOwnOnly`, `recipientNotAllowed`, `identityTestsRunning`, `identityRunsPerHour`, `nobodyToTest`
 */
export async function startIdentityRun(db: Db, actor: Actor, { values, language = 'en' }: IdentityRunInput = {}): Promise<{ id: string; count: number }> {
  assertAdmin(actor)
  const { company, password } = await asOnScreen(db, actor, values)
  const to = await findOwnAddress(db, actor)
  if (!to) throw new Refusal('recipientNotAllowed')
  await assertMayRun(db, actor)
  const runId = newId()
  const startAt = now()
  let position = 0
  for (const { cardId } of cardsThroughBase(company).slice(0, mostCards)) {
    const route = resolveRoute(factsOf(company, cardId))
    if (route.problem || !route.from) continue
    const dueAt = after(startAt, Math.floor(position++ / atOnce) * apartMs)
    const signsInTyped = route.login?.value.credentialCardId === company.baseCardId
    const { row, message } = await prepareTest(db, actor, { route, to, language, password: signsInTyped ? password : null, dueAt, runId })
    await atomically(db, tx => [
      holdCompany(tx, actor.tenantId),
      tx.insert(testSends).values(row),
      ...message.statements(tx),
      tx.update(messages).set({ dueAt }).where(eq(messages.id, message.id)),
    ])
  }
  if (position === 0) throw new Refusal('nobodyToTest')
  return { id: runId, count: position }
}

/** The company with the values on screen on its base user's card, and the password typed with them. */
async function asOnScreen(db: Db, actor: Actor, values: SenderInput | undefined): Promise<{ company: CompanyFacts; password: string | null }> {
  const company = await loadCompanyFacts(db, actor.tenantId)
  if (!company.baseCardId) throw new Refusal('noBaseUser')
  if (!values) return { company, password: null }
  if (company.baseCardId !== actor.cardId) throw new Refusal('testOwnOnly')
  const draft = await parseSenderInput(db, await requireCard(db, actor, actor.code), values)
  return { company: draftBase(company, draft), password: draft.password && withoutBlanks(draft.values.host, draft.password) }
}

async function assertMayRun(db: Db, { tenantId }: Actor): Promise<void> {
  const ofCompany = and(eq(testSends.tenantId, tenantId), isNotNull(testSends.runId))
  const [running] = await db
    .select({ count: count() })
    .from(testSends)
    .where(and(ofCompany, isNull(testSends.endedAt)))
  if (Number(running?.count ?? 0) > 0) throw new Refusal('identityTestsRunning')
  const recent = await db
    .selectDistinct({ runId: testSends.runId })
    .from(testSends)
    .where(and(ofCompany, gt(testSends.createdAt, after(now(), -hours(1)))))
  if (recent.length >= runsPerHour) throw new Refusal('identityRunsPerHour', undefined, { most: runsPerHour })
}

/** The last run of the company, card by card; null when there was none. @throws Refusal `notAdmin` */
export async function findIdentityRun(db: Db, actor: Actor): Promise<IdentityRun | null> {
  assertAdmin(actor)
  const ofCompany = and(eq(testSends.tenantId, actor.tenantId), isNotNull(testSends.runId))
  const [last] = await db.select({ runId: testSends.runId }).from(testSends).where(ofCompany).orderBy(desc(testSends.createdAt)).limit(1)
  if (!last?.runId) return null
  const rows = await db
    .select({ test: testSends, code: cards.code, name: cards.name, from: messages.fromAddress, replyTo: messages.replyTo, attempt: attempts })
    .from(testSends)
    .innerJoin(cards, eq(cards.id, testSends.cardId))
    .innerJoin(messages, eq(messages.id, testSends.messageId))
    .leftJoin(attempts, eq(attempts.messageId, testSends.messageId))
    .where(and(ofCompany, eq(testSends.runId, last.runId)))
    .orderBy(asc(testSends.id))
  return {
    id: last.runId,
    startedAt: rows[0]?.test.createdAt ?? now(),
    ended: rows.every(({ test }) => test.endedAt !== null),
    tests: rows.map(({ test, code, name, from, replyTo, attempt }) => ({
      code,
      name,
      from,
      replyTo,
      host: test.host ?? '',
      outcome: test.endedAt ? test.outcome : null,
      said: attempt && endingText(endingOf(attempt)),
      explained: attempt ? explainAttempt(attempt) : null,
    })),
  }
}
