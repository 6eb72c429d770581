import { isPublic } from '@/lib/dns/look-up'
import { env } from '@/lib/env'
import type { Mode } from '@/lib/installation/mode'
import { type ProbedPort, probeServer } from '@/lib/transport/probe-server'
import type { Finding } from './discovery'

const maxHosts = 3

type Candidate = { local: string; domain: string; exchangers: string[]; mode: Mode; signal: AbortSignal }

/**
 * Tries the names that submission servers usually have, on 465 and 587: connection, TLS and EHLO, never a user name or a
 * password. Only a server with a certificate for its name that asks people to sign in counts.
 */
export async function probeDomain({ local, domain, exchangers, mode, signal }: Candidate): Promise<Finding | null> {
  const { submissionsPort, submissionPort } = env.platform.discovery
  const ownExchanger = exchangers.filter(name => name.endsWith(`.${domain}`))
  const hosts = [...new Set([`smtp.${domain}`, `mail.${domain}`, ...ownExchanger])].filter(isPublic).slice(0, maxHosts)
  const stopped = new Promise<null>(resolve => signal.addEventListener('abort', () => resolve(null), { once: true }))
  for (const probing of hosts.map(host => ({ host, ports: probeServer({ host, ports: [submissionsPort, submissionPort], mode }) }))) {
    const ports = await Promise.race([probing.ports, stopped])
    if (!ports) return null
    const good = ports.find(isUsable)
    if (good?.tls) return { servers: [{ host: probing.host, port: good.port, tls: good.tls, username: `${local}@${domain}` }], providerName: null }
  }
  return null
}

const isUsable = ({ tls, offersLogin, certificateProblem }: ProbedPort) => tls !== null && tls !== 'none' && offersLogin && certificateProblem === null
