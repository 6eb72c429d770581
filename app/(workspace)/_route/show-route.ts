import { env } from '@/lib/env'
import { type Route, shownServer } from '@/lib/sender/route'
import type { RouteView } from './route-view'

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
    admission: admission ?? null,
    setAside,
    problem,
    isOverGraph: Boolean(route.graph),
    isRelay: sender.value === 'platform' || sender.value === 'replyTo',
    platform: env.platform.name,
  }
}

/** A route that was kept as JSON has its instants as text already. */
const asText = (instant: Date | string | null) => instant && new Date(instant).toISOString()
