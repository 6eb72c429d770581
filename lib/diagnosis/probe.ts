import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { getMode } from '@/lib/installation/mode'
import { parseTypedServer } from '@/lib/sender/typed-server'
import { spend } from '@/lib/spend'
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
  { loginId, tenantId }: Actor,
  { server, only }: { server: string; only?: 'thisPort' },
): Promise<{ host: string; found: ProbedPort[] }> {
  const mode = await getMode(db)
  const { host, port } = parseTypedServer(server, mode)
  const counts: [RateLimiterMemory, string][] = [
    [perLogin, loginId],
    [perCompany, tenantId],
  ]
  await spend(counts, ({ points }) => new Refusal('probesPerHour', undefined, { most: points }))
  return { host, found: await probeServer({ host, ports: only ? [port] : [port, ...env.platform.smtpPorts], mode }) }
}
