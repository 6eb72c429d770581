import type { CardView } from '@/lib/card/card'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import type { SenderView } from '@/lib/sender/sender'
import type { RouteView } from '../_route/route-view'

/** What the page of a card gives its form. */
export type CardPageView = {
  card: CardView
  sender: SenderView
  route: RouteView
  platform: string
  eventAddress: string
  microsoft: MicrosoftFacts
  gmail: string // server:port
  testRecipient: string
  isOwn: boolean // the reader's own card
  isAdmin: boolean // the reader is an admin
  mend: MendContext
  byAdmin: boolean // the page where an admin edits any card
}

export type MicrosoftFacts = { server: string; notice: { date: string; offByDefaultFrom: string; finalDateAnnounced: string; source: string } }

/** What is on screen in the fields of the sender, except the password. */
export type SenderFields = { choice: string; server: string; tls: string; username: string; authorIsLogin: boolean }
