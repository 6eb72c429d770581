import type { Mailbox, Origin, Route, RouteProblem, Server, Sourced } from '@/lib/sender/route'

/** A route as a browser may see it: no ids, and instants as text. */
export type RouteView = Pick<Route, 'code' | 'sender' | 'followsBase' | 'envelopeSender' | 'replyTo' | 'admission' | 'setAside'> & {
  problem: { reason: RouteProblem['reason'] | 'personalMailbox'; code: string } | null
  server: Sourced<Server> | null
  login: Sourced<{ username: string; passwordSavedAt: string | null }> | null
  from: Sourced<Mailbox> | null
  isRelay: boolean
  isOverGraph: boolean // to Microsoft Graph, and not by SMTP
  isPersonalMailbox: boolean // at Microsoft, where neither a password nor a consent leads
  platform: string // name of the platform
  isPasswordTyped?: boolean // of a preview: it is on screen, not saved
}

export type { Origin, Sourced }
