import { and, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { type Microsoft365Connection, microsoft365Connections } from '@/db/schema'
import type { Reply } from '@/lib/transport/conversation'
import { TransportFailure } from '@/lib/transport/failure'
import type { TokenLogin } from '@/lib/transport/submission'
import { type CardKey, getAccessToken } from './access-token'
import type { TokenFailure } from './token-failure'

/** Whether a connection may be used for this user name: it is the address of who consented, or somebody agreed to it. */
export const serves = ({ address, agreedUsername }: Pick<Microsoft365Connection, 'address' | 'agreedUsername'>, username: string | null): boolean =>
  username !== null && [address.toLowerCase(), agreedUsername].includes(username.toLowerCase())

/**
 * The sign-in for a card's mailbox by XOAUTH2. For a shared mailbox the person who consented is tried first (measured: accepted, with the
 * shared address in MAIL FROM), then the shared address (Microsoft's documentation); what worked is kept. A refused token is renewed once.
 */
export async function microsoftLogin(db: Db, card: CardKey, username: string): Promise<TokenLogin | TokenFailure> {
  const token = await getAccessToken(db, card)
  if ('trouble' in token) return token
  const { connection } = token
  if (!serves(connection, username)) return { trouble: 'reconnectNeeded', cause: 'otherMailbox', text: connection.address }
  const isOverGraph = connection.via === 'graph' // the token says whose mailbox it is, and no name is tried
  const names = isOverGraph
    ? [connection.address]
    : connection.saslUser
      ? [connection.saslUser]
      : [...new Set([connection.address.toLowerCase(), username.toLowerCase()])]
  return loginAs(db, card, { names, accessToken: token.accessToken, mayRenew: true })
}

type Tries = { names: string[]; accessToken: string; mayRenew: boolean }

function loginAs(db: Db, card: CardKey, { names: [name = '', ...others], accessToken, mayRenew }: Tries): TokenLogin {
  const next = others.length > 0 ? { names: others, accessToken, mayRenew: false } : null
  return {
    username: name,
    accessToken,
    accepted: () => keepSaslUser(db, card, name),
    refused: async reply => {
      if (!mayRenew || isSwitchedOff(reply)) return next && loginAs(db, card, next)
      const renewed = await getAccessToken(db, card, { refused: accessToken })
      if ('trouble' in renewed) throw noRenewal(renewed)
      return loginAs(db, card, { names: [name, ...others], accessToken: renewed.accessToken, mayRenew: false })
    },
  }
}

const failureCodes = { reconnectNeeded: 'consentNeeded', misconfigured: 'microsoftMisconfigured', unavailable: 'microsoftUnavailable' } as const

/** The server refused a token, and Microsoft gives no other: that is what is the matter, and no refused login. */
const noRenewal = ({ trouble, text }: TokenFailure) => new TransportFailure(failureCodes[trouble], text || undefined)

/** 5.7.139: the organisation or the mailbox does not admit SMTP AUTH; no other token changes that. */
const isSwitchedOff = (reply: Reply | null) => reply?.enhancedStatus === '5.7.139'

/** What worked is asked for first next time. */
async function keepSaslUser(db: Db, { tenantId, cardId }: CardKey, name: string): Promise<void> {
  const other = and(eq(microsoft365Connections.cardId, cardId), eq(microsoft365Connections.tenantId, tenantId))
  const [found] = await db.select({ saslUser: microsoft365Connections.saslUser }).from(microsoft365Connections).where(other)
  if (found && found.saslUser !== name) await db.update(microsoft365Connections).set({ saslUser: name }).where(other)
}
