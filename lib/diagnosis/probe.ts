import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { getMode } from '@/lib/installation/mode'
import { allowedPorts } from '@/lib/sender/allowed-ports'
import { parseServer } from '@/lib/sender/server-field'
import { type ProbedPort, probeServer } from '@/lib/transport/probe-server'

const perLogin = new RateLimiterMemory({ points: 20, duration: 3600 })
const perCompany = new RateLimiterMemory({ points: 60, duration: 3600 })

/**
 * What the server that somebody typed wants, on its own port and the usual ones. Never a user name or a password. Counted
 * in each web process.
 * @throws Refusal `probesPerHour`, and at `server` for what is no server
 */
export async function probeTyped(
  db: Db,
  actor: Actor,
  { server, only }: { server: string; only?: 'thisPort' },
): Promise<{ host: string; found: ProbedPort[] }> {
  const mode = await getMode(db)
  const parsed = parseServer(server, allowedPorts(mode))
  if ('problem' in parsed) throw new Refusal(parsed.problem, 'server', parsed.values)
  await consume(perLogin, actor.loginId)
  await consume(perCompany, actor.tenantId)
  const { host, port } = parsed
  return { host, found: await probeServer({ host, ports: only ? [port] : [port, ...env.platform.smtpPorts], mode }) }
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key)
  } catch (error) {
    throw error instanceof Error ? error : new Refusal('probesPerHour', undefined, { most: limiter.points })
  }
}
