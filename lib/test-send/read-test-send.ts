import { and, asc, eq, gt } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type TestSend, testSends, testSteps } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { Refusal } from '@/lib/errors'
import { isId } from '@/lib/id'
import type { Route } from '@/lib/sender/route'
import { type ConversationStep, hiddenSecret } from '@/lib/transport/conversation'

export type TestSendView = Pick<TestSend, 'id' | 'cardId' | 'messageId' | 'createdAt' | 'endedAt' | 'outcome'> & { route: Route }
export type PositionedStep = { position: number; step: ConversationStep }

/**
 * A test of the actor's own, and its steps behind a position. A running step changes in place: ask from the last one
 * that had ended.
 * @throws Refusal `testNotFound`, also for another's test
 */
export async function readTestSend(
  db: Db,
  actor: Actor,
  { id, afterPosition = -1 }: { id: string; afterPosition?: number },
): Promise<{ testSend: TestSendView; steps: PositionedStep[]; ended: boolean }> {
  if (!isId(id)) throw new Refusal('testNotFound')
  const [found] = await db
    .select()
    .from(testSends)
    .where(and(eq(testSends.id, id), eq(testSends.tenantId, actor.tenantId), eq(testSends.loginId, actor.loginId)))
  if (!found) throw new Refusal('testNotFound')
  const { cardId, messageId, createdAt, endedAt, outcome } = found // read before the steps: once it has ended they are all there
  const rows = await db
    .select({ position: testSteps.position, step: testSteps.step })
    .from(testSteps)
    .where(and(eq(testSteps.testSendId, id), gt(testSteps.position, afterPosition)))
    .orderBy(asc(testSteps.position))
  const steps = rows.map(({ position, step }) => ({ position, step: step as ConversationStep }))
  return { testSend: { id, cardId, messageId, createdAt, endedAt, outcome, route: found.route as Route }, steps, ended: endedAt !== null }
}

/** What the text file needs of the reader's language. */
type ConversationWords = {
  title: (test: TestSendView) => string
  step: (step: ConversationStep) => string
  who: Record<'client' | 'server' | 'note', string>
  secret: string
}

/** The whole conversation as plain text, to be kept or passed on to whoever runs the server. */
export async function testSendAsText(db: Db, actor: Actor, { id }: { id: string }, words: ConversationWords): Promise<string> {
  const { testSend, steps } = await readTestSend(db, actor, { id })
  const blocks = steps.map(({ step }) => {
    const time = step.durationMs === null ? '' : ` (${step.durationMs} ms)`
    const lines = step.lines.map(({ who, text }) => `    ${words.who[who]}: ${text.replaceAll(hiddenSecret, words.secret)}`)
    return [`${new Date(step.startedAt).toISOString()}  ${words.step(step)}${time}`, ...lines].join('\n')
  })
  return `${[words.title(testSend), ...blocks].join('\n\n')}\n`
}
