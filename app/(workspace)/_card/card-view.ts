import type { CardView } from '@/lib/card/card'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import type { AdminConsent } from '@/lib/microsoft365/admin-consent'
import type { ConnectionView } from '@/lib/microsoft365/connection'
import type { Letter } from '@/lib/sender/letters'
import type { SenderView } from '@/lib/sender/sender'
import type { IdentityRun } from '@/lib/test-send/identity-run'
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
  isMoveDue: boolean // a password serves at Microsoft: the way off it is the panel above
  followers: { letters: Letter[]; run: IdentityRun | null } | null // who sends through this card; null: nobody, or the reader is no admin
}

/** For sentences that say *your* on one's own card only. */
export const whoseIs = ({ isOwn }: Pick<CardPageView, 'isOwn'>) => (isOwn ? 'own' : 'other')

/** What came of the last sign-in at Microsoft, as the address bar tells. */
export type SignInOutcome = { isConnected: boolean; sentence: string }

export type MicrosoftFacts = {
  isConfigured: boolean // the operator has registered an application, or the sandbox plays Microsoft
  isSandbox: boolean // it does
  connection: ConnectionView | null
  mayMove: boolean // connect another mailbox, disconnect
  adminConsent: AdminConsent | null // that this card waits for, or that was just given; null: none is wanted
  outcome: SignInOutcome | null
  server: string
  graphHost: string
  notice: { date: string; offByDefaultFrom: string; finalDateAnnounced: string; source: string; text?: Record<'pl' | 'en' | 'et', string> | undefined }
}

/** What is on screen in the fields of the sender, except the password. */
export type SenderFields = { choice: string; server: string; tls: string; username: string; authorIsLogin: boolean }
