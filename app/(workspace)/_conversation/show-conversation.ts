import { getDb } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { Refusal } from '@/lib/errors'
import { readTestSend } from '@/lib/test-send/test-send'
import type { RouteView } from '../_route/route-view'
import { showRoute } from '../_route/show-route'
import type { ConversationView } from './conversation-view'

/** A test of the actor's own as it stands now; null when there is no such test. */
export async function findConversation(actor: Actor, id: string): Promise<{ view: ConversationView; route: RouteView } | null> {
  try {
    const { testSend, steps, ended } = await readTestSend(getDb(), actor, { id })
    const route = showRoute(testSend.route)
    const view = {
      id,
      cardCode: route.code,
      startedAt: testSend.createdAt.toISOString(),
      outcome: testSend.outcome,
      ended,
      steps: steps.map(({ step }) => step),
    }
    return { view, route }
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
