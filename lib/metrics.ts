import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** What this process counts about itself, for `/metrics` of the engine. Labels are words of ours, never a company or an address. */
export const registry = new Registry()

let isCollecting = false

/** Adds memory, CPU and the event loop; called by the process that serves them. */
export function collectProcessMetrics(): void {
  if (isCollecting) return
  isCollecting = true
  collectDefaultMetrics({ register: registry })
}

export const messagesQueued = new Counter({
  name: 'posthorn_messages_queued_total',
  help: 'Messages that this process has stored, by the way they came in',
  labelNames: ['way'] as const,
  registers: [registry],
})

export const attemptsEnded = new Counter({
  name: 'posthorn_attempts_total',
  help: 'Attempts of this engine that ended, by outcome and the phase they ended in (none: it came to no conversation)',
  labelNames: ['outcome', 'phase'] as const,
  registers: [registry],
})

export const commitSeconds = new Histogram({
  name: 'posthorn_db_commit_seconds',
  help: 'How long an atomic write of this process took, from its begin to its commit',
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  registers: [registry],
})

export const webhookPosts = new Counter({
  name: 'posthorn_webhook_posts_total',
  help: 'Events that this engine posted to webhooks, by result',
  labelNames: ['result'] as const,
  registers: [registry],
})
