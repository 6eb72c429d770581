import { z } from 'zod'
import { env } from '@/lib/env'
import type { Finding, FoundServer } from './discovery'
import ispdb from './providers/ispdb.json'
import own from './providers/own.json'

const provider = z.object({
  id: z.string(),
  name: z.string(),
  domains: z.array(z.string()),
  ask: z.string().optional(),
  servers: z.array(
    z.object({ host: z.string(), port: z.number(), tls: z.enum(['none', 'implicit', 'starttls']), username: z.string().nullable(), auth: z.array(z.string()) }),
  ),
})
type Provider = z.output<typeof provider>

const outlookComServer = 'smtp-mail.outlook.com' // of the personal ones; organisations have smtp.office365.com

let byDomain: Map<string, Provider> | undefined

/** The operator's own entries (`platform.json`) win over ours, and ours over Mozilla's. */
function providers(): Map<string, Provider> {
  byDomain ??= indexed(z.array(provider).parse([...ispdb.providers, ...own.providers, ...env.platform.discovery.providers]))
  return byDomain
}

const indexed = (all: Provider[]) => new Map(all.flatMap(entry => entry.domains.map(domain => [domain, entry] as const)))

/** What the shipped data says about an address: its domain, or a customer's name below a provider whose host differs. */
export function findByDomain(local: string, domain: string): Finding | null {
  const exact = providers().get(domain)
  if (exact) return { ...findingOf(exact, local, domain), isPersonalMailbox: isPersonalMailbox(domain) }
  const above = findAbove(domain)
  return above?.ask ? findingOf(above, local, domain) : null
}

/**
 * Whether addresses of this domain are personal mailboxes at Microsoft: outlook.com, hotmail.com … Their server takes no password, and
 * the consent that we ask for is given in organisations only.
 */
export const isPersonalMailbox = (domain: string) =>
  providers()
    .get(domain)
    ?.servers.some(({ host }) => host === outlookComServer) ?? false

/** Whose servers take a domain's mail, judged by the name of its mail exchanger: `mx.zone.eu` is Zone's. */
export function findByExchanger(exchanger: string, { local, domain }: { local: string; domain: string }): Finding | null {
  const above = findAbove(exchanger)
  return above ? findingOf(above, local, domain) : null
}

function findAbove(host: string): Provider | undefined {
  const labels = host.split('.')
  for (let from = 0; from < labels.length - 1; from++) {
    const found = providers().get(labels.slice(from).join('.'))
    if (found) return found
  }
  return undefined
}

function findingOf({ name, ask, servers }: Provider, local: string, domain: string): Finding {
  const fill = (text: string) => fillTemplate(text, local, domain)
  const filled = servers.map(
    ({ host, port, tls, username }): FoundServer => ({ host: fill(host), port, tls, username: username === null ? '' : fill(username) }),
  )
  return { servers: filled, providerName: name, ...(ask === undefined ? {} : { ask }) }
}

/** The placeholders of autoconfig files. */
export const fillTemplate = (text: string, local: string, domain: string) =>
  text.replaceAll('%EMAILADDRESS%', `${local}@${domain}`).replaceAll('%EMAILLOCALPART%', local).replaceAll('%EMAILDOMAIN%', domain)
