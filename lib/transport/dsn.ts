/** The delivery reports a program asked for (RFC 3461); null or empty: as the server pleases. */
export type DsnRequest = { ret: string | null; envid: string | null; recipients: { address: string; notify: string[] | null; orcpt: string | null }[] }

const isPrintable = (text: string) => /^[ -~]*$/.test(text)

/** Whether it may be passed on as an ENVID: printable ASCII, and no more of it than RFC 3461 section 4.4 allows. */
export const isEnvelopeId = (text: string): boolean => isPrintable(text) && xtext(text).length <= 100

/** Whether `type;address` may be passed on as an ORCPT: RFC 3461 section 4.2. */
export function isOriginalRecipient(text: string): boolean {
  const [type = '', address = ''] = partsOf(text)
  return isPrintable(address) && `${type};${xtext(address)}`.length <= 500
}

/** What MAIL FROM says of it. */
export const dsnOfMail = (dsn: DsnRequest | null | undefined): string[] =>
  dsn ? [dsn.ret ? `RET=${dsn.ret}` : '', dsn.envid ? `ENVID=${xtext(dsn.envid)}` : ''].filter(Boolean) : []

/** What RCPT TO says of it, for this recipient. */
export function dsnOfRecipient(dsn: DsnRequest | null | undefined, address: string): string {
  const wish = dsn?.recipients.find(recipient => recipient.address.toLowerCase() === address.toLowerCase())
  const notify = wish?.notify?.length ? ` NOTIFY=${wish.notify.join(',')}` : ''
  const [type = '', original = ''] = partsOf(wish?.orcpt ?? '')
  return notify + (original ? ` ORCPT=${type};${xtext(original)}` : '')
}

const partsOf = (orcpt: string) => orcpt.split(/;(.*)/s)

/** RFC 3461 section 4: whatever is not plain is written as hexadecimal. */
const xtext = (text: string) =>
  [...Buffer.from(text, 'utf8')]
    .map(byte => (byte > 32 && byte < 127 && byte !== 43 && byte !== 61 ? String.fromCharCode(byte) : `+${byte.toString(16).toUpperCase().padStart(2, '0')}`))
    .join('')
