import { isPersonalMailbox } from '@/lib/discovery/find-provider'
import { isPublic } from '@/lib/dns/look-up'
import { env } from '@/lib/env'
import { domainOf } from '@/lib/sender/address'
import { type Route, type RouteProblem, shownServer } from '@/lib/sender/route'
import { isMicrosoftHost } from '@/lib/sender/server-field'
import type { RouteView } from './route-view'

/** What signing in mends; at a personal mailbox it is no use. */
const bySigningIn = new Set<RouteProblem['reason']>(['notConnected', 'reconnectNeeded', 'passwordNeeded'])

/** Picks what a browser may see of a route. */
export function showRoute(route: Route): RouteView {
  const { code, sender, followsBase, login, envelopeSender, from, replyTo, admission, setAside, problem } = route
  return {
    code,
    sender,
    followsBase,
    server: shownServer(route),
    login: login && { origin: login.origin, value: { username: login.value.username, passwordSavedAt: asText(login.value.passwordSavedAt) } },
    envelopeSender,
    from,
    replyTo,
    admission: from && isPublic(domainOf(from.value.address)) ? (admission ?? null) : null,
    setAside,
    problem: problem && bySigningIn.has(problem.reason) && isAtPersonalMailbox(route) ? { ...problem, reason: 'personalMailbox' } : problem,
    isOverGraph: Boolean(route.graph),
    isRelay: sender.value === 'platform' || sender.value === 'replyTo',
    isPersonalMailbox: isAtPersonalMailbox(route),
    platform: env.platform.name,
  }
}

const isAtPersonalMailbox = ({ sender, server, login }: Route) =>
  (sender.value === 'microsoft365' || isMicrosoftHost(server?.value.host ?? '')) && login !== null && isPersonalMailbox(domainOf(login.value.username))

/** A route that was kept as JSON has its instants as text already. */
const asText = (instant: Date | string | null) => instant && new Date(instant).toISOString()
