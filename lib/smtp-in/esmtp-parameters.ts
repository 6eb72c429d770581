import type { SMTPServerAddress } from 'smtp-server'
import { isEnvelopeId, isOriginalRecipient } from '@/lib/transport/dsn'
import { reply } from './reply'

type Parameters = SMTPServerAddress['args']

/** Those of what EHLO offers: SIZE, 8BITMIME, SMTPUTF8, AUTH (RFC 4954 section 5) and DSN (RFC 3461 section 4). */
const offered = { mail: ['SIZE', 'BODY', 'SMTPUTF8', 'AUTH', 'RET', 'ENVID'], rcpt: ['NOTIFY', 'ORCPT'] }

/** The reply to a MAIL FROM whose parameters do not serve; null: they do. */
export function wrongOfMail(args: Parameters): Error | null {
  if (hasOtherThan(offered.mail, args)) return notOffered('MAIL FROM')
  return args && !isEnvelopeId(String(args.ENVID ?? '')) ? unfit('ENVID', 100) : null
}

/** The reply to a RCPT TO whose parameters do not serve; null: they do. */
export function wrongOfRcpt(args: Parameters): Error | null {
  if (hasOtherThan(offered.rcpt, args)) return notOffered('RCPT TO')
  return args && !isOriginalRecipient(String(args.ORCPT ?? '')) ? unfit('ORCPT', 500) : null
}

const hasOtherThan = (known: string[], args: Parameters) => Object.keys(args || {}).some(name => !known.includes(name))

/** RFC 5321 section 4.1.1.11: who asks for what is not offered, as REQUIRETLS, must not believe to have got it. */
const notOffered = (command: string) => reply(555, '5.5.4', `${command} parameters not recognized`)

/** RFC 3461 sections 4.2 and 4.4: the next server would refuse the message for it. */
const unfit = (parameter: string, most: number) => reply(501, '5.5.4', `${parameter} is printable ASCII, in xtext at most ${most} characters`)
