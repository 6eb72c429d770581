import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { findActor } from '@/lib/actor/load-actor'
import { minutes, seconds } from '@/lib/clock'
import { takePlace } from './follow-places'
import { type PositionedStep, readTestSend, type TestSendView } from './read-test-send'

const lookEveryMs = 150
const sessionEveryMs = seconds(1)
const longestMs = minutes(5) // the time after which a test is wiped

/** What a follower is told; `replaced`: this login follows too many others since, and shall not come again by itself. */
export type FollowedEvent = { name: 'step'; told: PositionedStep } | { name: 'end'; told: Pick<TestSendView, 'outcome'> } | { name: 'replaced'; told: null }

type Following = { id: string; sessionId: string; signal: AbortSignal }

/**
 * The steps of a test of the actor's own, each when it begins and again when it ends. Ends with the test, with the session,
 * and when the same login follows ten newer ones.
 */
export async function* followTest(db: Db, actor: Actor, { id, sessionId, signal }: Following): AsyncGenerator<FollowedEvent> {
  const place = takePlace(actor.loginId)
  const over = AbortSignal.any([signal, place.signal])
  try {
    yield* look(db, actor, { id, sessionId, signal: over })
    if (place.signal.aborted && !signal.aborted) yield { name: 'replaced', told: null }
  } finally {
    place.leave()
  }
}

async function* look(db: Db, actor: Actor, { id, sessionId, signal }: Following): AsyncGenerator<FollowedEvent> {
  const told = new Map<number, string>()
  const until = performance.now() + longestMs
  let knownUntil = performance.now() + sessionEveryMs
  while (!signal.aborted && performance.now() < until) {
    if (performance.now() >= knownUntil) {
      if (!(await isStillThere(db, actor, sessionId))) return
      knownUntil = performance.now() + sessionEveryMs
    }
    const { testSend, steps, ended } = await readTestSend(db, actor, { id, afterPosition: settled(told) })
    for (const step of steps) {
      const text = JSON.stringify(step)
      if (told.get(step.position) === text) continue
      told.set(step.position, text)
      yield { name: 'step', told: step }
    }
    if (ended) return yield { name: 'end', told: { outcome: testSend.outcome } }
    await wait(lookEveryMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Signed out, another password, a card that was closed, or at work in another company: whoever asks anew is told no. */
async function isStillThere(db: Db, { cardId }: Actor, sessionId: string): Promise<boolean> {
  return (await findActor(db, sessionId))?.cardId === cardId
}

/** Steps change in place, also one that has ended: only what lies well behind is not read again. */
const settled = (told: Map<number, string>) => told.size - 5
