import { deadlineSignal } from '@/lib/deadline-signal'
import { isAdmittedPort } from '@/lib/egress/guard'
import { env } from '@/lib/env'
import type { Mode } from '@/lib/installation/mode'
import { parseAddress } from '@/lib/sender/address'
import { isAtMicrosoft } from '@/lib/sender/is-at-microsoft'
import { isGmailHost } from '@/lib/sender/server-field'
import { askMx, askSrv } from './ask-dns'
import type { Discovery, Finding, FoundServer, Source, SourceState } from './discovery'
import { findByDomain } from './find-provider'
import { probeDomain } from './probe-domain'
import { readAutoconfig } from './read-autoconfig'

const [lookMs, probeMs] = [6_000, 9_000]

type Hooks = { mode: Mode; signal?: AbortSignal; onState?: (source: Source, state: SourceState) => void }

const surenessOf = { providers: 'sure', autoconfig: 'sure', srv: 'likely', mx: 'likely', probe: 'guess' } as const

/**
 * Finds the outgoing server of an address. What is shipped answers at once; else the domain's file, its SRV records and
 * its MX are asked side by side, and only when they say nothing are the usual names tried. No user name and no password leaves;
 * what plain DNS or a try has found is to be confirmed by the person. Where nobody knows it asks, and never invents.
 * @throws Refusal `addressInvalid`
 */
export async function discover(text: string, hooks: Hooks): Promise<Discovery> {
  const address = parseAddress(text.trim())
  const at = address.lastIndexOf('@')
  const asked = { local: address.slice(0, at), domain: address.slice(at + 1) }
  const search = new Search(address, asked.domain, hooks)

  const shipped = findByDomain(asked.local, asked.domain)
  search.note('providers', shipped ? 'found' : 'nothing')
  if (shipped) return search.answer('providers', shipped)

  const look = { ...asked, signal: search.within(lookMs) }
  const [autoconfig, srv, mx] = await Promise.all([
    search.try('autoconfig', () => readAutoconfig(asked, { mode: hooks.mode, signal: look.signal })),
    search.try('srv', () => askSrv(look)),
    search.try('mx', () => askMx(look)),
  ])
  // who runs the mailbox is in the MX; a settings file beside it is often a web host's leftover
  if (mx && isBigHost(mx.servers[0])) return search.answer('mx', mx)
  if (autoconfig) return search.answer('autoconfig', autoconfig)
  if (mx?.ask) return search.answer('mx', mx)
  if (srv) return search.answer('srv', srv)
  if (mx && mx.servers.length > 0) return search.answer('mx', mx)

  if (search.isBlind) return search.answer(null, null)
  const candidates = { ...asked, exchangers: mx?.exchangers ?? [], mode: hooks.mode, signal: search.within(probeMs) }
  const probed = await search.try('probe', () => probeDomain(candidates))
  return search.answer(probed ? 'probe' : null, probed)
}

/** One search: where has been looked, and the answer in the end. */
class Search {
  private readonly states: Record<Source, SourceState> = { providers: 'skipped', autoconfig: 'skipped', srv: 'skipped', mx: 'skipped', probe: 'skipped' }

  constructor(
    private readonly address: string,
    private readonly domain: string,
    private readonly hooks: Hooks,
  ) {}

  note(source: Source, state: SourceState): void {
    this.states[source] = state
    this.hooks.onState?.(source, state)
  }

  /** DNS says nothing at all: there is nothing to try, either. */
  get isBlind(): boolean {
    return this.states.srv === 'failed' && this.states.mx === 'failed'
  }

  within(ms: number): AbortSignal {
    return deadlineSignal(ms, this.hooks.signal).signal
  }

  /** A source that breaks says nothing about the others. */
  async try(source: Source, look: () => Promise<Finding | null>): Promise<Finding | null> {
    this.note(source, 'asking')
    try {
      const found = await look()
      this.note(source, found && (found.servers.length > 0 || found.ask) ? 'found' : 'nothing')
      return found
    } catch {
      this.note(source, 'failed')
      return null
    }
  }

  answer(source: Source | null, finding: Finding | null): Discovery {
    const server = finding ? chooseServer(finding.servers, this.hooks.mode) : null
    const leadsTo = server ? leadingTo(server, finding) : 'smtp'
    const hasFailed = Object.values(this.states).includes('failed')
    return {
      address: this.address,
      domain: this.domain,
      server,
      leadsTo,
      source,
      sureness: server && source ? surenessOf[source] : null,
      mustConfirm: server !== null && (leadsTo === 'smtp' || leadsTo === 'gmail') && source !== 'providers' && source !== 'autoconfig',
      providerName: finding?.providerName ?? null,
      question: server ? null : finding?.ask ? 'hostDiffers' : hasFailed ? 'notLookedUp' : 'unknown',
      sample: finding?.ask ?? null,
      states: { ...this.states },
    }
  }
}

function leadingTo(server: FoundServer, finding: Finding | null): Discovery['leadsTo'] {
  if (finding?.isPersonalMailbox) return 'personalMailbox'
  if (isAtMicrosoft(server.host)) return 'microsoft365'
  return isGmail(server) ? 'gmail' : 'smtp'
}

/** The first that encrypts, at a port that may be used; one in the open only where the provider has no other. */
function chooseServer(servers: FoundServer[], mode: Mode): FoundServer | null {
  const usable = servers.filter(({ port }) => isAdmittedPort(port) || (mode === 'sandbox' && port >= 1024))
  return usable.find(({ tls }) => tls !== 'none') ?? usable[0] ?? null
}

const isGmail = ({ host, port }: FoundServer) => isGmailHost(host) || (host === env.platform.gmail.host && port === env.platform.gmail.port)
const isBigHost = (server: FoundServer | undefined) => server !== undefined && (isAtMicrosoft(server.host) || isGmail(server))
