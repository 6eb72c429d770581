import { METHODS } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import type { Db } from '@/db/client'
import { seconds } from '@/lib/clock'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { listenOn, PortInUse } from '@/lib/listen'
import { log } from '@/lib/log'
import { answerUnread, lacksHost, type Say } from './answer-unread'
import { answerError, apiRoutes } from './api-routes'
import { isFromWeb } from './caller'
import { holdContinue } from './expect-continue'
import { letGoAtStop } from './let-go'
import { type ConnectionLimits, headersWithinMs, limitConnections } from './limit-connections'
import { arrivesWithinMs } from './read-body'

/** What else this server answers, each a fastify plugin: what a machine asks about the engine itself. */
export type EnginePlugin = (server: FastifyInstance) => void | Promise<void>

export type ApiServerOptions = {
  port: number
  /** `localhost` in a sandbox; all addresses otherwise. */
  host: string
  /** Puts refusals into words. */
  say: Say
  plugins?: EnginePlugin[]
  /** For what is still coming in when it is stopped. */
  uploadsEndWithinMs?: number
  connections?: Partial<ConnectionLimits>
}

const usualUploadsEndWithinMs = seconds(10)

type ApiServer = { port: number; close(): Promise<void> }

/** The engine's HTTP server. Null when another engine of this machine has the port: that one answers, this one only sends. */
export async function startApiServer(
  db: Db,
  { port, host, say, plugins = [], uploadsEndWithinMs = usualUploadsEndWithinMs, connections }: ApiServerOptions,
): Promise<ApiServer | null> {
  const server = fastify({
    logger: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // a request that comes over a kept connection during the stop is answered, and the connection closed
    keepAliveTimeout: 65_000,
    requestTimeout: arrivesWithinMs,
    http: { headersTimeout: headersWithinMs, requireHostHeader: false }, // that is looked at below, and refused in the shape of every other error
    genReqId: () => newId(),
    requestIdHeader: false,
    routerOptions: { ignoreTrailingSlash: true }, // `/messages/` is the list, not a message without an id
    frameworkErrors: (error, request, reply) => void answerError(error, request, { reply, say, stopping }),
  })
  limitConnections(server.server, { proxyHops: env.apiTrustedProxyHops, isOurs: isFromWeb, ...connections })
  answerUnread(server.server, say)
  holdContinue(server.server)
  const stopping = letGoAtStop(server, { withinMs: uploadsEndWithinMs })
  server.addHook('onRequest', async ({ raw }) => {
    if (lacksHost(raw)) throw new Refusal('requestMalformed')
  })
  for (const method of METHODS) if (!server.supportedMethods.includes(method)) server.addHttpMethod(method, { hasBody: true })
  await server.register(async scope => apiRoutes(scope, db, { say, stopping }), { prefix: '/api/v1' })
  for (const plugin of plugins) await server.register(async scope => plugin(scope))
  server.setNotFoundHandler((request, reply) => answerError(new Refusal('notFound'), request, { reply, say, stopping }))
  try {
    await listenOn({ setting: 'API_PORT', port, address: host }, address => server.listen({ port, host: address }))
  } catch (error) {
    await server.close()
    if (!(error instanceof PortInUse)) throw error
    log.warn({ event: 'apiPortInUse', port }, `API_PORT ${port} is in use: this engine takes nothing in over HTTP, and sends mail only`)
    return null
  }
  const listening = server.server.address() as AddressInfo
  log.info({ event: 'apiListens', port: listening.port }, 'HTTP API listens')
  return { port: listening.port, close: () => server.close() }
}
