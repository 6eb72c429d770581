import type { Db } from '@/db/client'
import type { SenderChoice } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { findAddresses } from '@/lib/dns/find-addresses'
import { isPublic } from '@/lib/dns/look-up'
import { env } from '@/lib/env'
import { domainOf } from '@/lib/sender/address'
import { previewRoute } from '@/lib/sender/resolve-route'
import type { Route } from '@/lib/sender/route'
import type { SenderInput } from '@/lib/sender/sender.form'
import { isGmailHost, isMicrosoftHost } from '@/lib/sender/server-field'
import { isAligned } from './check-dmarc'
import { checkSpf } from './check-spf'
import { type DomainReport, examineDomain } from './examine-domain'

/**
 * `good`: SPF passes, for the very domain in From. `loose`: SPF passes for another domain, and the From domain asks nobody to mind.
 * `junk` and `refused`: its DMARC asks receivers to. `depends`: on what that server signs and sends from. `unknown`: DNS did not say.
 */
export type Outlook = 'good' | 'loose' | 'junk' | 'refused' | 'depends' | 'unknown'
export type Way = 'platform' | 'replyTo' | 'own'

export type Forecast = {
  domain: string // of the card's e-mail
  chosen: Way
  outlooks: Record<Way, Outlook>
  recommended: Way | null // null: nothing can be recommended without DNS
  report: DomainReport
}

/**
 * Will it arrive? The live answer for the values on screen, for each way of sending. Null: the card has no e-mail.
 * @throws Refusal at `server` when what is typed there is no server
 */
export async function forecast(db: Db, actor: Actor, input: SenderInput & { code: string }): Promise<Forecast | null> {
  const route = await previewRoute(db, actor, input)
  const email = route.sender.value === 'replyTo' ? route.replyTo?.value : route.from?.value.address
  if (!email) return null
  const domain = domainOf(email)
  const [report, event] = await Promise.all([examineDomain(domain), checkSpf(env.platform.eventDomain, env.platform.relay.address)])
  const outlooks = {
    platform: throughRelay(report, domain),
    replyTo: event.result === 'temperror' ? 'unknown' : event.result === 'pass' ? 'good' : 'junk',
    own: await throughOwnServer(route, report),
  } as const
  return { domain, chosen: wayOf(route.sender.value), outlooks, recommended: recommend(outlooks), report }
}

const wayOf = (choice: SenderChoice): Way => (choice === 'platform' || choice === 'replyTo' ? choice : 'own')

/** With the relay admitted the envelope carries the domain and aligns; else the path back is the platform's, which does not. */
function throughRelay({ spf, dmarc }: DomainReport, domain: string): Outlook {
  if (spf.relay.result === 'pass') return 'good'
  if (spf.relay.result === 'temperror' || dmarc.failure) return 'unknown'
  if (isAligned(env.platform.eventDomain, domain, dmarc)) return 'good'
  return ({ reject: 'refused', quarantine: 'junk', none: 'loose' } as const)[dmarc.policy ?? 'none']
}

/** The big hosts send from other addresses than they take mail at: what their customers' domains carry says whose they are. */
const bigHosts = [
  { isHost: isMicrosoftHost, include: 'include:spf.protection.outlook.com', keys: ['selector1', 'selector2'] },
  { isHost: isGmailHost, include: 'include:_spf.google.com', keys: ['google'] },
  { isHost: (host: string) => host === 'smtp.zone.eu', include: 'include:_spf.zone.eu', keys: ['zone'] },
]

/** Where an own server sends from is its own affair; only what speaks for it in DNS counts, and else it depends. */
async function throughOwnServer({ server, sender, envelopeSender }: Route, { failure, dkim, spf, dmarc, domain }: DomainReport): Promise<Outlook> {
  if (failure) return 'unknown'
  if (wayOf(sender.value) !== 'own' || !server) return 'depends'
  const { host } = server.value
  const envelopeDomain = domainOf(envelopeSender?.value ?? domain)
  const [record = '', ...more] = spf.records ?? []
  const countsForFrom = more.length === 0 && isAligned(envelopeDomain, domain, dmarc)
  const big = bigHosts.find(({ isHost }) => isHost(host))
  if (big && (dkim?.some(key => big.keys.includes(key)) || (countsForFrom && record.toLowerCase().split(/\s+/).includes(big.include)))) return 'good'
  if (!countsForFrom || !isPublic(host)) return 'depends'
  const addresses = await findAddresses(host).catch(() => [])
  const checks = await Promise.all(addresses.slice(0, 4).map(({ address }) => checkSpf(envelopeDomain, address)))
  return checks.some(({ result }) => result === 'pass') ? 'good' : 'depends'
}

function recommend({ platform, replyTo, own }: Record<Way, Outlook>): Way | null {
  if (platform === 'good') return 'platform'
  if (own === 'good') return 'own'
  if (replyTo === 'good') return 'replyTo'
  return platform === 'loose' ? 'platform' : null
}
