import type { Phase } from '@/db/schema'
import type { Reply } from './conversation'
import { dsnOfMail, dsnOfRecipient } from './dsn'
import { TransportFailure } from './failure'
import { parseReply } from './server-text'
import type { SmtpSession } from './smtp-session'
import type { Submission } from './submission'
import type { Transcript } from './transcript'
import { wiredBody } from './wired-body'

const heldBackBytes = 16 * 1024

/** How far an exchange has come; what it ends with when the connection breaks. */
export type Progress = {
  phase: Phase
  reply: Reply | null
  recipientReplies: (Reply | null)[]
  dataStarted: boolean // the server said 354: from here on the connection is good for nothing else
  dataEnded: boolean
}

export const newProgress = (): Progress => ({ phase: 'mail', reply: null, recipientReplies: [], dataStarted: false, dataEnded: false })

type Manner = { hide: (text: string) => string; transcript: Transcript | null; beforeDataEnd?: () => Promise<void>; dataEnding: () => void }

/**
 * Hands over one message on a session that is ready for it. The envelope goes in one piece where the server takes that
 * (RFC 2920). The end of the body is held back with the final dot until `beforeDataEnd` has been settled; `dataEnding` is called when it goes.
 * @throws TransportFailure when the connection breaks or the server does not speak SMTP
 */
export async function exchange(session: SmtpSession, submission: Submission, progress: Progress, manner: Manner): Promise<void> {
  const { wire } = session
  const { hide, transcript } = manner
  const body = wiredBody(submission.raw)
  if (session.sizeLimit && body.bytes.length > session.sizeLimit)
    throw new TransportFailure('tooLarge', `Message size larger than allowed ${session.sizeLimit}`)
  const mail = mailCommand(session, submission, body)
  const dsn = session.offers('DSN') ? submission.dsn : null
  const rcpts = submission.recipients.map(address => `RCPT TO:<${address}>${dsnOfRecipient(dsn, address)}`)

  const say = (phase: 'mail' | 'rcpt', line: string, facts = {}) => {
    transcript?.say(phase, line, facts)
    return `${line}\r\n`
  }
  const sayRcpt = (line: string, position: number) => say('rcpt', line, { recipient: submission.recipients[position] })
  const hear = async (phase: Phase): Promise<Reply> => {
    progress.phase = phase
    const raw = await wire.next()
    transcript?.hear(raw)
    const reply = parseReply(raw, hide)
    if (!reply) throw new TransportFailure('protocol', `Not an answer: ${raw.slice(0, 200)}`)
    if (transcript && phase !== 'data' && phase !== 'reply') transcript.endHeard(reply.code < 400 ? 'done' : 'failed')
    if (reply.code === 421) session.isSpent = true
    return reply
  }
  const endWith = (phase: Phase, reply: Reply) => {
    progress.phase = phase
    progress.reply = reply
  }

  if (session.wantsReset) await forgetLast(session)
  const isPipelined = session.offers('PIPELINING')
  const data = 'DATA\r\n'
  const sayMail = () => say('mail', mail, { envelopeSender: submission.envelopeSender })
  if (isPipelined) wire.write([sayMail(), ...rcpts.map(sayRcpt), data].join(''))
  else wire.write(sayMail())
  session.wantsReset = true

  const mailReply = await hear('mail')
  if (mailReply.code === 421 || (mailReply.code >= 300 && !isPipelined)) return endWith('mail', mailReply)
  for (const [position, rcpt] of rcpts.entries()) {
    if (!isPipelined) wire.write(sayRcpt(rcpt, position))
    const reply = await hear('rcpt')
    progress.recipientReplies.push(reply)
    if (reply.code === 421) return mailReply.code >= 300 ? endWith('mail', mailReply) : endWith('rcpt', reply) // it says good-bye
  }
  const isAnyTaken = mailReply.code < 300 && progress.recipientReplies.some(reply => reply && reply.code < 300)
  if (!isAnyTaken && !isPipelined) return endWith('rcpt', worstOf(progress.recipientReplies))
  if (isAnyTaken) transcript?.say('data', 'DATA')
  else transcript?.sayOn('DATA') // it went out before that was known; whatever answers it is no failure of its own
  if (!isPipelined) wire.write(data)
  const dataReply = await hear('data')
  const goesAhead = dataReply.code >= 300 && dataReply.code < 400
  if (dataReply.code < 300) throw new TransportFailure('protocol', 'The server took DATA for something else')
  if (!isAnyTaken) {
    session.isSpent ||= goesAhead // it waits for a body that must not come
    return mailReply.code >= 300 ? endWith('mail', mailReply) : endWith('rcpt', worstOf(progress.recipientReplies))
  }
  if (!goesAhead) return endWith('data', dataReply)
  progress.dataStarted = true

  const isCutShort = await sendUpToDot(session, body.bytes, { progress, manner })
  if (isCutShort) return answeredTooEarly(await hear('data'), endWith)
  endWith('reply', await hear('reply'))
  session.wantsReset = (progress.reply?.code ?? 500) >= 300
}

/** A connection may carry the next message only when the one before it, which was not accepted, is out of the server's mind. */
async function forgetLast(session: SmtpSession): Promise<void> {
  session.wire.write('RSET\r\n')
  if (!(await session.wire.next()).startsWith('250')) throw new TransportFailure('connectionLost', 'The server did not forget the last message')
  session.wantsReset = false
}

const finalDot = Buffer.from('.\r\n')

/** The body and, once `beforeDataEnd` allows it, the dot. True when the server has spoken before that: then the dot has not gone. */
async function sendUpToDot(session: SmtpSession, bytes: Buffer, { progress, manner }: { progress: Progress; manner: Manner }): Promise<boolean> {
  const { wire } = session
  const rest = bytes.length > heldBackBytes ? bytes.length - heldBackBytes / 4 : 0
  if (rest > 0) await wire.writeAll(bytes.subarray(0, rest))
  session.isSpent = true // until it is said what became of the data
  if (wire.hasUnread) return true
  await manner.beforeDataEnd?.()
  if (wire.hasUnread) return true
  wire.assertUnbroken() // what is not written has not ended anything
  progress.dataEnded = true
  manner.dataEnding()
  manner.transcript?.awaitFinalReply(bytes.length)
  wire.write(Buffer.concat([bytes.subarray(rest), finalDot]))
  session.isSpent = false
  return false
}

/** A server may refuse in the middle; it cannot have accepted what it has not got. */
function answeredTooEarly(reply: Reply, endWith: (phase: Phase, reply: Reply) => void): void {
  if (reply.code < 400) throw new TransportFailure('protocol', 'The server answered before the message ended')
  endWith('data', reply)
}

/**
 * MAIL with what the server offers to hear: the size, so that it can refuse before the data (RFC 1870 section 6; by its
 * section 5 an estimate, so doubled dots may count), `BODY=8BITMIME` for bytes beyond ASCII (RFC 6152 section 3), and
 * `SMTPUTF8` where an address has such (RFC 6531 section 3.4). For a header in UTF-8 alone it is not said, as other servers do
 * with mail that came without the word: a server behind this one that lacks it would send back what otherwise arrives.
 * A server that offers neither gets the same bytes. The RFCs would have them turned into seven bits, or the mail sent
 * back: but a signature over them would break, every attempt is to send the same bytes, and most such servers take eight
 * bits all the same; one that does not refuses the message and says why.
 */
function mailCommand(session: SmtpSession, { envelopeSender, recipients, dsn }: Submission, body: { bytes: Buffer; has8bit: boolean }): string {
  if ([envelopeSender, ...recipients].some(address => /[\r\n<>\0]/.test(address))) throw new TransportFailure('protocol', 'An address of the envelope is none')
  const isInternational = [envelopeSender, ...recipients].some(address => /[^\x00-\x7f]/.test(address))
  const words = [
    `MAIL FROM:<${envelopeSender}>`,
    isInternational && session.offers('SMTPUTF8') ? 'SMTPUTF8' : '',
    body.has8bit && session.offers('8BITMIME') ? 'BODY=8BITMIME' : '',
    session.offers('SIZE') ? `SIZE=${body.bytes.length}` : '',
    ...(session.offers('DSN') ? dsnOfMail(dsn) : []),
  ]
  return words.filter(Boolean).join(' ')
}

/** What is said of all recipients together: one that may be taken later outweighs those that never will. */
function worstOf(replies: (Reply | null)[]): Reply {
  const said = replies.filter(reply => reply !== null)
  return said.find(({ code }) => code >= 400 && code < 500) ?? said.at(-1) ?? { code: 554, enhancedStatus: null, text: '' }
}
