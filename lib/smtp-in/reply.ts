import { Refusal } from '@/lib/errors'

/**
 * What the door answers. smtp-server writes `responseCode message` and, between them, an enhanced status it knows for the
 * code; ours stands with the code instead, so that `550 5.7.1` does not become `550 5.1.1`.
 */
export function reply(code: number, status: string, text: string): Error {
  return Object.assign(new Error(text), { responseCode: `${code} ${status}` as unknown as number })
}

/** The reply to a message that is stored: an error only in shape, without the stack that every one of them would pay for. */
export const queuedAs = (id: string): Error => ({ name: 'Reply', message: `queued as ${id}`, responseCode: '250 2.0.0' }) as Error

const refusals: Record<string, [code: number, status: string, text: string]> = {
  keyInvalid: [535, '5.7.8', 'User name or key not accepted: CODE@company and an API key'],
  keyAddressNotAllowed: [535, '5.7.8', 'This key may not be used from your address'],
  keyNotForCard: [535, '5.7.8', 'This key does not send as this user'],
  keyReadOnly: [535, '5.7.8', 'This key may read only, not send'],
  actsAsAnother: [535, '5.7.8', 'Nobody acts as another here: leave the authorization identity empty'],
  cardNotFound: [535, '5.7.8', 'User name or key not accepted: CODE@company and an API key'],
  cardInactive: [535, '5.7.8', 'This user is not active'],
  noEmail: [550, '5.7.1', 'This user has no e-mail address and cannot send'],
  fromNotCard: [550, '5.7.1', 'From must name exactly one address, that of the user who signed in'],
  senderNotCard: [550, '5.7.1', 'Sender must be the address of the user who signed in'],
  headerMalformed: [550, '5.6.0', 'The header is not one that every server reads alike'],
  lineBreakAlone: [550, '5.6.11', 'CR or LF stands alone; lines end with CR LF (RFC 5321 2.3.8)'],
  nulByte: [550, '5.6.0', 'There is a NUL byte in the message, which mail may not carry (RFC 2045 2.7)'],
  mailLoop: [554, '5.4.6', 'Too many hops: this message goes round in circles'],
  messageTooLarge: [552, '5.3.4', 'Message too large'],
  addressInvalid: [553, '5.1.3', 'Not an address that every server takes'],
  addressNeedsAscii: [553, '5.6.7', 'Letters outside ASCII before the @ are not supported by most servers'],
  tooManyRecipients: [452, '4.5.3', 'Too many recipients'],
  recipientNeeded: [554, '5.5.1', 'No valid recipients'],
}

/** Our refusals as replies; null for anything else, which is a fault of ours and temporary. */
export function replyFor(error: unknown): Error | null {
  const known = error instanceof Refusal ? refusals[error.code] : undefined
  return known ? reply(...known) : null
}
