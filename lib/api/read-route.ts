import type { z } from 'zod'
import type { Db } from '@/db/client'
import { loadRoute } from '@/lib/sender/resolve-route'
import { shownServer } from '@/lib/sender/route'
import type { routeAnswer } from './answer-schema'
import { actorOfKey, type KeyHolder } from './find-api-key'

/** How a user's mail leaves now, value by value with its origin. Holds no secret. */
export async function routeForKey(db: Db, holder: KeyHolder, code: string): Promise<z.output<typeof routeAnswer>> {
  const { tenantId, cardId } = await actorOfKey(db, holder, code)
  const route = await loadRoute(db, tenantId, cardId)
  const { sender, followsBase, login, envelopeSender, from, replyTo, problem, code: user } = route
  const server = shownServer(route)
  return {
    user,
    sender,
    follows: followsBase,
    server: server && { value: { host: server.value.host, port: server.value.port, tls: server.value.tls }, origin: server.origin },
    username: login && { value: login.value.username, origin: login.origin },
    envelope_sender: envelopeSender,
    from,
    reply_to: replyTo,
    problem: problem && { reason: problem.reason, user: problem.code },
  }
}
