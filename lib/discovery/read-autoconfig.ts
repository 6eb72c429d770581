import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import type { Tls } from '@/db/schema'
import { cutText } from '@/lib/cut-text'
import { fetchText } from '@/lib/egress/fetch-text'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import type { Mode } from '@/lib/installation/mode'
import { hostToAscii } from '@/lib/sender/host-name'
import type { Finding, FoundServer } from './discovery'
import { fillTemplate } from './find-provider'

const maxBytes = 128 * 1024
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  processEntities: false,
  parseTagValue: false,
  isArray: name => arrays.has(name),
})
const arrays = new Set(['outgoingServer', 'authentication', 'emailProvider', 'displayName', 'domain'])

const text = z.union([z.string(), z.object({ '#text': z.string() }).transform(node => node['#text'])]).transform(text => readEntities(text).trim())
const outgoing = z.object({
  '@type': z.string().default('smtp'),
  hostname: text,
  port: text.transform(Number).pipe(z.number().int().min(1).max(65535)),
  socketType: text,
  username: text.optional(),
  authentication: z.array(text).default([]),
})
const file = z.object({
  clientConfig: z.object({
    emailProvider: z.array(z.object({ displayName: z.array(text).default([]), outgoingServer: z.array(z.unknown()).default([]) })).min(1),
  }),
})

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The five of XML itself. Those that a file declares stay unread: they are how a small file becomes a huge one. */
const readEntities = (text: string) => text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '')

const tlsOf: Record<string, Tls> = { SSL: 'implicit', STARTTLS: 'starttls' } // `plain` would say a password in the open

/**
 * The domain's own settings file, over https at its two usual places. Null: it has none.
 * @throws what the network says, when neither place gave an answer
 */
export async function readAutoconfig({ local, domain }: { local: string; domain: string }, { mode, signal }: { mode: Mode; signal: AbortSignal }) {
  const port = env.platform.discovery.httpsPort
  const at = (host: string, path: string) => new URL(`https://${host}:${port}${path}`)
  const places = [
    at(`autoconfig.${domain}`, `/mail/config-v1.1.xml?emailaddress=${encodeURIComponent(`${local}@${domain}`)}`),
    at(domain, '/.well-known/autoconfig/mail/config-v1.1.xml'),
  ]
  const answers = await Promise.allSettled(places.map(place => fetchText(place, { mode, signal, maxBytes })))
  for (const answer of answers) {
    const found = answer.status === 'fulfilled' && answer.value ? parseAutoconfig(answer.value.text, local, domain) : null
    if (found) return found
  }
  const failed = answers.find(answer => answer.status === 'rejected' && !saysNothing(answer.reason))
  if (failed?.status === 'rejected') throw failed.reason
  return null
}

/** A host that is not there, or listens to no https, publishes nothing; that is an answer. */
const saysNothing = (error: unknown) =>
  (error instanceof Refusal && error.code === 'hostNotFound') ||
  (error instanceof Error && 'code' in error && /^(ECONNREFUSED|ERR_TLS_CERT_ALTNAME_INVALID)$/.test(String(error.code)))

/** Reads a settings file (RFC draft-ietf-mailmaint-autoconfig). Null for anything that is none, or that offers nothing safe. */
export function parseAutoconfig(xml: string, local: string, domain: string): Finding | null {
  const parsed = file.safeParse(parseXml(xml))
  const [provider] = parsed.data?.clientConfig.emailProvider ?? []
  if (!provider) return null
  const servers = provider.outgoingServer.map(server => readServer(server, local, domain)).filter(server => server !== null)
  const [name] = provider.displayName
  return servers.length > 0 ? { servers, providerName: name === undefined ? null : cutText(name, 80) } : null
}

function readServer(node: unknown, local: string, domain: string): FoundServer | null {
  const { data: server } = outgoing.safeParse(node)
  const tls = tlsOf[server?.socketType ?? '']
  const host = hostToAscii(fillTemplate(server?.hostname ?? '', local, domain))
  const username = fillTemplate(server?.username ?? '%EMAILADDRESS%', local, domain)
  if (server?.['@type'] !== 'smtp' || !tls || !host || /[\p{Cc}]/u.test(username) || username.length > 320) return null
  return { host, port: server.port, tls, username: server.authentication.includes('none') ? '' : username }
}

function parseXml(xml: string): unknown {
  try {
    return parser.parse(xml)
  } catch {
    return null
  }
}
