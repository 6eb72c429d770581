import type { Account } from '@/db/schema'
import type { AccountIdentity, Route } from '@/lib/sender/route'

export const testQueuePattern = 'test:%'

/**
 * Tests of a card stand in a queue of their own: one that fails pauses no real account, and they run ahead of all mail.
 * Server and login are those of the test, not of the queue.
 */
export const testQueueOf = (route: Route, { kind }: AccountIdentity): AccountIdentity => ({
  kind,
  identity: `test:${route.cardId}`,
  host: null,
  port: null,
  tls: null,
  username: null,
  credentialCardId: null,
})

export const isTestQueue = ({ identity }: Pick<Account, 'identity'>) => identity.startsWith('test:')
