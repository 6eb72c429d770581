import type { z } from 'zod'
import type { Db } from '@/db/client'
import { cancelMessage, retryMessage } from '@/lib/message/message-actions'
import { batchAnswer, fullMessageAnswer, listAnswer, listQuery, queuedAnswer, routeAnswer } from './answer-schema'
import { parseRequest } from './api-error'
import { assertMaySend, type KeyHolder } from './find-api-key'
import { batchSchema, messageSchema, mostInBatch } from './message-schema'
import { type Idempotency, queueMessages } from './queue-messages'
import { actorOfMessage, getForKey, listForKey } from './read-messages'
import { routeForKey } from './read-route'

/** What came in: the body as JSON, the parameters of path and query, and who asks. */
export type Call = {
  db: Db
  holder: KeyHolder
  body: unknown
  query: unknown
  params: Record<string, string>
  idempotencyOf: (name: 'http' | 'batch') => Idempotency | null
}

/** One endpoint: what it takes and gives, and what it does. Validation, the server and the description come from here. */
export type Endpoint = {
  id: string // names it in the description and in the message files
  method: 'GET' | 'POST'
  path: string // below /api/v1, in OpenAPI's way of writing
  scope: KeyHolder['scope']
  status: 200 | 202
  body?: z.ZodType
  query?: z.ZodObject
  takesIdempotencyKey?: boolean
  answer: z.ZodType
  summary: string
  errors: number[] // besides those that any request may get
  run: (call: Call) => Promise<unknown>
}

const queued = (id: string) => ({ id, status: 'queued' as const })

export const endpoints: Endpoint[] = [
  {
    id: 'queueMessage',
    method: 'POST',
    path: '/messages',
    scope: 'send',
    status: 202,
    body: messageSchema,
    takesIdempotencyKey: true,
    answer: queuedAnswer,
    summary: 'Queue a message. Once this answers, it survives a crash and a power cut.',
    errors: [401, 403, 409, 413, 415, 422, 429],
    run: async ({ db, holder, body, idempotencyOf }) => {
      const [id = ''] = await queueMessages(db, holder, { body, isBatch: false, idempotency: idempotencyOf('http') })
      return queued(id)
    },
  },
  {
    id: 'queueBatch',
    method: 'POST',
    path: '/messages/batch',
    scope: 'send',
    status: 202,
    body: batchSchema,
    takesIdempotencyKey: true,
    answer: batchAnswer,
    summary: `Queue up to ${mostInBatch} messages: all of them, or none.`,
    errors: [401, 403, 409, 413, 415, 422, 429],
    run: async ({ db, holder, body, idempotencyOf }) => {
      return { messages: (await queueMessages(db, holder, { body, isBatch: true, idempotency: idempotencyOf('batch') })).map(queued) }
    },
  },
  {
    id: 'listMessages',
    method: 'GET',
    path: '/messages',
    scope: 'read',
    status: 200,
    query: listQuery,
    answer: listAnswer,
    summary: 'Messages, newest first, page by page.',
    errors: [401, 403, 422, 429],
    run: ({ db, holder, query }) => listForKey(db, holder, parseRequest(listQuery, query)),
  },
  {
    id: 'getMessage',
    method: 'GET',
    path: '/messages/{id}',
    scope: 'read',
    status: 200,
    answer: fullMessageAnswer,
    summary: 'One message with its recipients and every attempt.',
    errors: [401, 403, 404, 429],
    run: ({ db, holder, params }) => getForKey(db, holder, params.id ?? ''),
  },
  {
    id: 'cancelMessage',
    method: 'POST',
    path: '/messages/{id}/cancel',
    scope: 'send',
    status: 200,
    answer: fullMessageAnswer,
    summary: 'Cancel a message that still waits, or leave an unknown one as it is: it has ended and is not tried again.',
    errors: [401, 403, 404, 409, 413, 415, 429],
    run: ({ db, holder, params }) => act({ db, holder, id: params.id ?? '' }, cancelMessage),
  },
  {
    id: 'retryMessage',
    method: 'POST',
    path: '/messages/{id}/retry',
    scope: 'send',
    status: 200,
    answer: fullMessageAnswer,
    summary: 'Try a message again now, for every recipient that has not accepted it.',
    errors: [401, 403, 404, 409, 413, 415, 422, 429],
    run: ({ db, holder, params }) => act({ db, holder, id: params.id ?? '' }, retryMessage),
  },
  {
    id: 'getRoute',
    method: 'GET',
    path: '/users/{code}/route',
    scope: 'read',
    status: 200,
    answer: routeAnswer,
    summary: "How a user's mail leaves now: server, From, Reply-To, and where each value comes from. No secrets.",
    errors: [401, 403, 404, 422, 429],
    run: ({ db, holder, params }) => routeForKey(db, holder, params.code ?? ''),
  },
]

type On = { db: Db; holder: KeyHolder; id: string }

/** Acts on a message as its card, with a user's rights. */
async function act({ db, holder, id }: On, verb: typeof cancelMessage | typeof retryMessage): Promise<unknown> {
  assertMaySend(holder)
  await verb(db, await actorOfMessage(db, holder, id), { id })
  return getForKey(db, holder, id)
}
