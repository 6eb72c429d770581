import { createHmac } from 'node:crypto'
import { isSameSecret } from '@/lib/secret/is-same-secret'
import { derivedKeys } from '@/lib/secret/keys'

const purpose = 'return path'

/**
 * The envelope sender in the event domain for mail of a card: `r.<card>.<signature>@…`. Signed, so that nobody can make one
 * up and blame a card for mail it never sent; the same for every message, so that a route can be compared with it.
 */
export const returnPathOf = (cardId: string, eventDomain: string): string => `r.${cardId}.${signature(cardId, keys()[0])}@${eventDomain}`

/**
 * The card that a returned mail is about; null when the address is none of ours. Addresses made with an older key count.
 * Nothing reads the event domain's mailbox yet; what will finds here that the addresses in use can be told from made-up ones.
 */
export function readReturnPath(address: string, eventDomain: string): { cardId: string } | null {
  const [, cardId, signed = ''] = /^r\.([0-9a-z]{26})\.([0-9a-f]{20})@/.exec(address.toLowerCase()) ?? []
  if (!cardId || !address.toLowerCase().endsWith(`@${eventDomain.toLowerCase()}`)) return null
  return keys().some(key => isSameSecret(signed, signature(cardId, key))) ? { cardId } : null
}

let derived: Buffer[] | undefined
function keys(): [Buffer, ...Buffer[]] {
  derived ??= derivedKeys(purpose)
  const [first, ...older] = derived
  if (!first) throw new Error('POSTHORN_KEYS is empty')
  return [first, ...older]
}

const signature = (cardId: string, key: Buffer) => createHmac('sha256', key).update(cardId).digest('hex').slice(0, 20)
