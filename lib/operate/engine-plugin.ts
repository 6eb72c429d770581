import type { FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'
import { AggregatorRegistry } from 'prom-client'
import type { Db } from '@/db/client'
import type { EnginePlugin } from '@/lib/api/start-api-server'
import { env } from '@/lib/env'
import { collectProcessMetrics, registry } from '@/lib/metrics'
import { isSameSecret } from '@/lib/secret/is-same-secret'
import { queueMetrics } from './queue-metrics'
import { readiness } from './readiness'

type Told = { ofOtherThreads?: () => Promise<object[]>; stopping?: AbortSignal }

/**
 * What machines ask an engine about itself, on the port of the HTTP API: whether it lives, whether it can work, what it counts.
 * `ofOtherThreads` gives what the thread that sends has counted. From `stopping` on it is not ready: a balancer takes it out while it
 * still answers.
 */
export function enginePlugin(db: Db, { ofOtherThreads = async () => [], stopping }: Told = {}): EnginePlugin {
  collectProcessMetrics()
  const queue = queueMetrics(db)
  return server => {
    server.get('/healthz', () => ({ status: 'ok' }))
    server.get('/readyz', async (_request, reply) => {
      if (stopping?.aborted) return reply.code(503).send({ status: 'stopping', checks: {} })
      const { isReady, checks } = await readiness(db)
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'not ready', checks })
    })
    server.get('/metrics', async (request, reply) => {
      if (!mayReadMetrics(request))
        return reply
          .code(env.metricsToken ? 401 : 403)
          .type('text/plain')
          .send(env.metricsToken ? 'METRICS_TOKEN is needed\n' : 'Only from this machine\n')
      const all = AggregatorRegistry.aggregate([await registry.getMetricsAsJSON(), await queue.getMetricsAsJSON(), await ofOtherThreads()])
      return reply.type(registry.contentType).send(await all.metrics())
    })
  }
}

/**
 * With METRICS_TOKEN, who brings it; without, this machine only. What comes through a reverse proxy here comes from
 * this machine, too, and is told by the header that the proxy adds.
 */
function mayReadMetrics({ headers, socket }: FastifyRequest): boolean {
  if (env.metricsToken) return isSameSecret(headers.authorization ?? '', `Bearer ${env.metricsToken}`)
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined
  return !isForwarded && ipaddr.process(socket.remoteAddress ?? '0.0.0.0').range() === 'loopback'
}
