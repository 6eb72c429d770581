import type { IncomingMessage } from 'node:http'
import { finished } from 'node:stream/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Db } from '@/db/client'
import { isStorageAway } from '@/db/is-storage-away'
import { deadlineSignal } from '@/lib/deadline-signal'
import { Refusal, unavailable } from '@/lib/errors'
import { languageOfHeader } from '@/lib/language'
import { log } from '@/lib/log'
import { noteStorageAway } from '@/lib/note-storage-away'
import type { Say } from './answer-unread'
import { failureOf } from './api-error'
import { type Endpoint, endpoints } from './endpoints'
import { awaitsContinue } from './expect-continue'
import type { KeyHolder } from './find-api-key'
import { openApi } from './open-api'
import { type Idempotency, idempotencyKeyPattern } from './queue-messages'
import { arrivesWithinMs, type Body, isBeyondMeasure, mostMegabytes, readBody } from './read-body'
import { signIn } from './sign-in'

const passedOverWithinMs = arrivesWithinMs / 2

/** What answers need to know of their server: how it speaks, and whether it is being stopped. */
type Answering = { say: Say; stopping: AbortSignal }

declare module 'fastify' {
  interface FastifyRequest {
    holder: KeyHolder | null
  }
}

/** `/api/v1`: who asks is found before a body is read, and what comes in is read by the endpoint's own schema. */
export function apiRoutes(server: FastifyInstance, db: Db, { say, stopping }: Answering): void {
  server.decorateRequest('holder', null)
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    if (!request.holder) throw new Refusal('notFound') // no endpoint has asked who it is
    if (!isJson(request.headers['content-type']) || isCompressed(request.headers['content-encoding'])) throw new Refusal('notJson')
    return readBody(payload, request.holder.tenantId)
  })
  server.setErrorHandler((error, request, reply) => answerError(error, request, { reply, say, stopping }))
  server.setNotFoundHandler((request, reply) => answerError(new Refusal('notFound'), request, { reply, say, stopping }))
  server.get('/openapi.json', async () => openApi())
  for (const endpoint of endpoints) addEndpoint(server, { db, stopping }, endpoint)
  refuseOtherMethods(server, '/openapi.json', ['GET', 'HEAD'])
  for (const url of new Set(endpoints.map(urlOf))) {
    refuseOtherMethods(server, url, endpoints.filter(endpoint => urlOf(endpoint) === url).flatMap(methodsOf))
  }
}

/** The path of an endpoint in fastify's way of writing. */
const urlOf = ({ path }: Endpoint) => path.replace(/\{(\w+)\}/g, ':$1')

/** Whoever reads may also ask for the headers alone: RFC 9110 section 9.3.2. */
const methodsOf = ({ method }: Endpoint) => (method === 'GET' ? ['GET', 'HEAD'] : [method])

/** What else is asked of a path that there is: which methods it takes is said, as RFC 9110 section 15.5.6 wants. */
function refuseOtherMethods(server: FastifyInstance, url: string, taken: string[]): void {
  server.route({
    method: server.supportedMethods.filter(method => !taken.includes(method)),
    url,
    onRequest: async (_request, reply) => {
      reply.header('allow', taken.join(', '))
      throw new Refusal('methodNotAllowed')
    },
    handler: () => undefined,
  })
}

/** Parameters mean nothing to JSON (RFC 8259 section 11), but a charset that is another is taken at its word. */
function isJson(type = ''): boolean {
  const [name, ...parameters] = type
    .toLowerCase()
    .split(';')
    .map(part => part.trim())
  return name === 'application/json' && parameters.every(parameter => !parameter.startsWith('charset') || /^charset\s*=\s*"?utf-?8"?$/.test(parameter))
}

const isCompressed = (encoding = 'identity') => !/^identity$/i.test(encoding)

function addEndpoint(server: FastifyInstance, { db, stopping }: { db: Db; stopping: AbortSignal }, endpoint: Endpoint): void {
  server.route({
    method: endpoint.method,
    url: urlOf(endpoint),
    exposeHeadRoute: true,
    onRequest: async request => {
      request.holder = await signIn(db, request.raw)
    },
    handler: async (request, reply) => {
      const body = request.body as Body | undefined
      const answer = await endpoint.run({
        db,
        holder: request.holder as KeyHolder,
        body: endpoint.body ? jsonOf(body) : null,
        query: request.query,
        params: request.params as Record<string, string>,
        idempotencyOf: name => idempotencyOf(request, name, body),
      })
      log.debug({ event: 'apiAnswered', endpoint: endpoint.id, requestId: request.id, apiKeyId: request.holder?.id, ...messageIdsOf(answer) })
      if (stopping.aborted) reply.header('connection', 'close')
      return reply.code(endpoint.status).header('x-request-id', request.id).send(answer)
    },
  })
}

/** Which messages an answer is about, so that a request can be followed to its attempts. */
function messageIdsOf(answer: unknown): { messageId?: string; messageIds?: string[] } {
  const { id, messages } = answer as { id?: string; messages?: { id: string }[] }
  return messages ? { messageIds: messages.map(({ id }) => id) } : { messageId: id }
}

function jsonOf(body: Body | undefined): unknown {
  if (!body) throw new Refusal('notJson')
  if (body.json === undefined) throw new Refusal('jsonInvalid')
  return body.json
}

/** @throws Refusal `idempotencyKeyInvalid` for one that is not 1 to 200 visible ASCII characters */
function idempotencyOf({ headers }: FastifyRequest, name: string, body: Body | undefined): Idempotency | null {
  const key = headers['idempotency-key']
  if (key === undefined || !body) return null
  if (typeof key !== 'string' || !idempotencyKeyPattern.test(key)) throw new Refusal('idempotencyKeyInvalid')
  return { name: `${name}:${key}`, requestHash: body.hash() }
}

const byFastify: Record<string, string> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'notJson',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'jsonInvalid',
  FST_ERR_CTP_BODY_TOO_LARGE: 'bodyTooLarge',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'jsonInvalid',
  FST_ERR_BAD_URL: 'notFound',
  FST_ERR_MAX_PARAM_LENGTH: 'notFound',
}

/** Every answer that is none: a refusal with its status and sentence; for anything else 500, and the log alone says what it was. */
export async function answerError(
  error: unknown,
  request: FastifyRequest,
  { reply, say, stopping }: Answering & { reply: FastifyReply },
): Promise<FastifyReply> {
  const refusal = error instanceof Refusal ? error : (refusalOfStorage(error, request) ?? refusalOfFastify(error))
  if (!refusal) {
    log.error({ event: 'apiFailed', requestId: request.id, err: error }, 'an API request failed')
    return sendError(reply, request, { status: 500, code: 'internal', field: null, message: say(languageOf(request), 'internal', {}) })
  }
  const { status, code, field, values } = failureOf(refusal)
  log.info({ event: 'apiRefused', requestId: request.id, status, code, apiKeyId: request.holder?.id })
  if (values.seconds !== undefined) reply.header('retry-after', String(values.seconds))
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  await passOver(request.raw, stopping)
  if (!request.raw.complete || stopping.aborted) reply.header('connection', 'close')
  else reply.removeHeader('connection') // fastify would close it after every body that could not be read
  return sendError(reply, request, { status, code, field, message: say(languageOf(request), code, values) })
}

/**
 * Throws away what still comes of a body that nobody wants. Most programs, and web, write all of it before they listen: closed
 * under their hands (RFC 9112 section 9.6), the connection would take the answer with it, and they would try again for ever. What
 * is announced as out of all measure is not waited for, and nothing is once the engine stops.
 */
async function passOver(body: IncomingMessage, stopping: AbortSignal): Promise<void> {
  if (body.complete || body.destroyed || isBeyondMeasure(body) || awaitsContinue(body)) return
  const deadline = deadlineSignal(passedOverWithinMs, stopping)
  try {
    await finished(body.resume(), { signal: deadline.signal })
  } catch {
    // too long, the caller went away, or the engine stops
  } finally {
    deadline.clear()
  }
}

type Said = { status: number; code: string; field: string | null; message: string }

const sendError = (reply: FastifyReply, { id }: FastifyRequest, { status, code, field, message }: Said) =>
  reply
    .code(status)
    .header('x-request-id', id)
    .send({ error: { code, message, field, request_id: id } })

function refusalOfStorage(error: unknown, request: FastifyRequest): Refusal | null {
  if (!isStorageAway(error)) return null
  noteStorageAway(error, { requestId: request.id })
  return unavailable()
}

function refusalOfFastify(error: unknown): Refusal | null {
  const { code = '', statusCode = 500 } = error as { code?: string; statusCode?: number }
  if (byFastify[code]) return new Refusal(byFastify[code], undefined, { megabytes: mostMegabytes })
  return statusCode < 500 ? new Refusal('jsonInvalid') : null
}

const languageOf = ({ headers }: FastifyRequest): string => languageOfHeader(headers['accept-language'])
