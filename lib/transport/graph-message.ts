import { addressParser } from 'postal-mime'

type Field = { name: string; lines: string }

/**
 * A message as Microsoft Graph wants it. `sendMail` takes no envelope: whoever stands in To, Cc and Bcc gets the
 * message, and nobody else. So Bcc is made of the recipients that no header names; and where a header names somebody
 * who is not to get it (a redirected message, a recipient who has it already), those lines are kept under another name.
 */
export function composeForGraph(raw: Buffer, recipients: string[]): Buffer {
  const end = headerEnd(raw)
  const fields = fieldsOf(raw.subarray(0, end).toString('latin1'))
  const wanted = new Set(recipients.map(lower))
  const named = fields.filter(isRecipientField).flatMap(recipientsIn)
  const keepsHeaders = named.every(address => wanted.has(address))
  const others = keepsHeaders ? recipients.filter(address => !named.includes(lower(address))) : recipients
  const namesNobody = (field: Field) => isRecipientField(field) && recipientsIn(field).length === 0 // an empty group: what Graph makes of one is nowhere said
  const kept = fields
    .filter(field => field.name !== 'bcc' && !namesNobody(field))
    .map(field => (keepsHeaders || !isRecipientField(field) ? field.lines : `X-Original-${field.lines}`))
  const added = others.length > 0 ? `${keepsHeaders ? 'Bcc' : 'To'}: ${others.join(',\r\n ')}\r\n` : ''
  return Buffer.concat([Buffer.from(kept.join('') + added, 'latin1'), raw.subarray(end)])
}

/** Where the headers end: the empty line stays with the body. */
function headerEnd(raw: Buffer): number {
  const [crlf, lf] = [raw.indexOf('\r\n\r\n'), raw.indexOf('\n\n')]
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return crlf + 2
  return lf >= 0 ? lf + 1 : raw.length
}

/** Each field with its folded lines. */
const fieldsOf = (headers: string): Field[] =>
  (headers.match(/[^\r\n]+(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|$)/g) ?? []).map(lines => ({ name: lines.slice(0, lines.indexOf(':')).trim().toLowerCase(), lines }))

const isRecipientField = ({ name }: Field) => name === 'to' || name === 'cc'

const recipientsIn = ({ lines }: Field) => addressesOf(lines.slice(lines.indexOf(':') + 1))

const addressesOf = (text: string): string[] =>
  addressParser(text, { flatten: true }).flatMap(mailbox => ('address' in mailbox && mailbox.address ? [lower(mailbox.address)] : []))

const lower = (address: string) => address.toLowerCase()
