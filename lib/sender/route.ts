import type { SenderChoice, Tls } from '@/db/schema'
import type { Admission } from '@/lib/deliverability/find-admission'

/** RFC 5322 mailbox: what a reader sees. */
export type Mailbox = { name: string; address: string }

/** Where a value of the route came from: a card (its own or the base user's), the company's settings, the platform, or the user name that signs in. */
export type Origin = { source: 'card' | 'base' | 'company' | 'platform' | 'username'; code: string | null } // code: of the card; null for company and platform

export type Sourced<T> = { value: T; origin: Origin }

export type Server = { host: string; port: number; tls: Tls }

/** Who signs in at the server, and on whose card the password is kept. */
export type RouteLogin = { username: string; credentialCardId: string; passwordSavedAt: Date | null } // null: the password must be typed (again)

/** Why mail of this route waits, or (noEmail) cannot be written at all; `code` names the card that has to act. */
export type RouteProblem = {
  reason: 'noEmail' | 'emailNotConfirmed' | 'incomplete' | 'passwordNeeded' | 'notConnected' | 'reconnectNeeded' | 'baseUnusable' | 'inactive'
  code: string
}

/** Everything that applies, in the end, when this card sends: one answer for pages, console and delivery. Holds no secret. */
export type Route = {
  tenantId: string
  cardId: string
  code: string
  sender: Sourced<SenderChoice>
  followsBase: string | null // code of the base user whose whole configuration this card uses
  server: Sourced<Server> | null // null: incomplete
  graph?: Server | null // mail leaves over Microsoft Graph there and not through `server`, which goes on naming the account
  login: Sourced<RouteLogin> | null // null: the server wants no login, or the platform relay
  envelopeSender: Sourced<string> | null // null: card without an e-mail
  from: Sourced<Mailbox> | null
  replyTo: Sourced<string> | null // null: answers go to From
  admission?: Admission | null // why the relay's envelope sender is what it is; null: another sender, or Reply-to mode
  redirectTo?: string // all mail of the company that is queued now goes there instead
  setAside: ('sender' | 'server' | 'login')[] // kept on the card but not used under the present policy
  problem: RouteProblem | null
}

/** Where mail of a route really goes: to Graph, where the mailbox was switched to it. For people; an account is known by `server`. */
export const shownServer = ({ server, graph }: Pick<Route, 'server' | 'graph'>): Sourced<Server> | null =>
  server && graph ? { ...server, value: graph } : server

/** What the account of a route is, in the company: two routes with the same identity share queue, limits and pause. */
export type AccountIdentity = {
  kind: 'relay' | 'smtp' | 'microsoft365'
  identity: string
  host: string | null
  port: number | null
  tls: Tls | null
  username: string | null
  credentialCardId: string | null
}
