import type { Socket } from 'node:net'
import type { SMTPServerAuthentication, SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import type { Db } from '@/db/client'
import { after, now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { FairShare } from '@/lib/fair-share'
import { log } from '@/lib/log'
import { findWay } from '@/lib/message/find-way'
import { isCard } from '@/lib/message/raw-message'
import { parseAddress } from '@/lib/sender/address'
import type { Route } from '@/lib/sender/route'
import { isEnvelopeId, isOriginalRecipient } from '@/lib/transport/dsn'
import { collect, type Intake } from './collect'
import type { DoorGuard, DoorLimits } from './door-limits'
import { assertStillWelcome, type Program, signIn } from './program'
import { queuedAs, reply, replyFor } from './reply'
import { takeMessage } from './take-message'

type Handlers = Required<Pick<SMTPServerOptions, 'onConnect' | 'onSecure' | 'onClose' | 'onAuth' | 'onMailFrom' | 'onRcptTo' | 'onData'>>
/** `deadline`: of the login, and then of the next message. `acceptedAt`: the last message, or the login before the first one. */
type Visit = { deadline: NodeJS.Timeout; acceptedAt: Date | null; refusals: number; socket: Socket | null; tenantId: string | null }

const refusalsMost = 3 // of one connection
export const uselessCommands = ['XCLIENT', 'XFORWARD', 'WIZ', 'SHELL'] // smtp-server knows them; nobody here does

/** Those of what EHLO offers: SIZE, 8BITMIME, SMTPUTF8, AUTH (RFC 4954 section 5) and DSN (RFC 3461 section 4). */
const parameters = { mail: ['SIZE', 'BODY', 'SMTPUTF8', 'AUTH', 'RET', 'ENVID'], rcpt: ['NOTIFY', 'ORCPT'] }
const hasOtherThan = (known: string[], args: object | false) => Object.keys(args || {}).some(name => !known.includes(name))

/** RFC 5321 section 4.1.1.11: who asks for what is not offered, as REQUIRETLS, must not believe to have got it. */
const notOffered = (command: string) => reply(555, '5.5.4', `${command} parameters not recognized`)

/** RFC 3461 sections 4.2 and 4.4: the next server would refuse the message for it. */
const unfit = (parameter: string, most: number) => reply(501, '5.5.4', `${parameter} is printable ASCII, in xtext at most ${most} characters`)

/** smtp-server keeps what a MAIL FROM asks for although it is refused: it would go with the next message. */
function forgetWishes({ envelope }: SMTPServerSession): void {
  Object.assign(envelope, { dsn: { ret: null, envid: null } })
}

/** What the door does at each step of a conversation. */
export function conversations(db: Db, limits: DoorLimits, guard: DoorGuard, dismiss: (session: SMTPServerSession, error: Error) => void): Handlers {
  const visits = new Map<string, Visit>()
  const incoming = new FairShare(limits.bytesAtOnce)

  return {
    onConnect(session, callback) {
      const late = () => session.user || dismiss(session, reply(421, '4.4.2', 'Nobody signed in'))
      visits.set(session.id, { deadline: setTimeout(late, limits.loginWithinMs).unref(), acceptedAt: null, refusals: 0, socket: null, tenantId: null })
      // no login in the open, and none is offered there (RFC 4954 section 4); the list replaces the server's own
      if (!session.secure) session.disabledCommands = ['AUTH', ...uselessCommands]
      callback(guard.hasTooMany(session.remoteAddress) ? reply(421, '4.7.0', 'Too many connections from your address') : null)
    },

    onSecure(socket, session, callback) {
      const visit = visits.get(session.id)
      if (visit) visit.socket = socket
      session.disabledCommands = undefined
      callback(null)
    },

    onClose(session) {
      const visit = visits.get(session.id)
      if (!visit) return
      clearTimeout(visit.deadline)
      if (visit.tenantId) guard.depart(visit.tenantId)
      visits.delete(session.id)
    },

    onAuth(auth, session, callback) {
      admit(auth, session).then(
        program => callback(settled(program, session), { user: program }),
        error => callback(error),
      )
    },

    onMailFrom({ address, args }, session, callback) {
      const program: Program | undefined = session.user
      if (!program) return callback(reply(530, '5.7.0', 'Must issue a STARTTLS command first'))
      const refuse = (said: Error) => {
        forgetWishes(session)
        callback(said)
      }
      if (hasOtherThan(parameters.mail, args)) return refuse(notOffered('MAIL FROM'))
      if (args && !isEnvelopeId(String(args.ENVID ?? ''))) return refuse(unfit('ENVID', 100))
      begin(program, address).then(
        () => {
          awaitMessage(session)
          answerTogether(visits.get(session.id)?.socket, () => callback(null))
        },
        error => refuse(answerTo(error, session, 'MAIL')),
      )
    },

    onRcptTo(recipient, session, callback) {
      const { args } = recipient
      if (hasOtherThan(parameters.rcpt, args)) return callback(notOffered('RCPT TO'))
      if (args && !isOriginalRecipient(String(args.ORCPT ?? ''))) return callback(unfit('ORCPT', 500))
      try {
        recipient.address = parseAddress(recipient.address)
        callback(null)
      } catch (error) {
        callback(answerTo(error, session, 'RCPT'))
      }
    },

    onData(stream, session, callback) {
      const { tenantId } = (session.user as Program).actor
      const intake: Intake = {
        take: bytes => incoming.take(tenantId, bytes),
        giveBack: bytes => incoming.giveBack(tenantId, bytes),
        withinMs: limits.messageWithinMs,
        onLate: () => dismiss(session, reply(421, '4.4.2', 'The message took too long')),
      }
      const answer = (said: Error | null) => {
        awaitMessage(session)
        callback(said)
      }
      clearTimeout(visits.get(session.id)?.deadline) // what is coming in is not broken off; it has a time of its own
      collect(stream, intake, raw => {
        if (raw === null) return answer(reply(452, '4.3.1', 'Too much mail is coming in at once, try again'))
        if (stream.sizeExceeded) return answer(replyFor(new Refusal('messageTooLarge')))
        takeMessage(db, session.user, session, raw)
          .then(
            id => {
              const visit = visits.get(session.id)
              if (visit) visit.acceptedAt = now()
              answer(queuedAs(id))
            },
            error => answer(answerTo(error, session, 'DATA')),
          )
          .finally(() => intake.giveBack(raw.length))
      })
    },
  }

  async function admit({ username = '', password, authzid }: SMTPServerAuthentication, session: SMTPServerSession): Promise<Program> {
    const { remoteAddress: address } = session
    if (!(await guard.mayTry(address, username))) throw reply(454, '4.7.0', 'Too many failed logins, try again in ten minutes')
    try {
      return await signIn(db, { username, password: password ?? '', address, actsAs: authzid })
    } catch (error) {
      const refusal = replyFor(error)
      if (!refusal) {
        log.error({ event: 'doorLogin', err: error }, 'a login at the SMTP door could not be checked')
        throw reply(454, '4.7.0', 'Temporary authentication failure')
      }
      await guard.noteRefusal(address, username)
      log.info({ event: 'doorLoginRefused', address, code: (error as Refusal).code }, 'a login at the SMTP door was refused')
      const visit = visits.get(session.id)
      if (visit && ++visit.refusals >= refusalsMost) setImmediate(() => dismiss(session, reply(421, '4.7.0', 'Too many failed logins')))
      throw refusal
    }
  }

  /** What keeps a program out that has signed in; null: nothing. */
  function settled({ actor: { tenantId } }: Program, session: SMTPServerSession): Error | null {
    const visit = visits.get(session.id)
    if (!visit) return reply(421, '4.4.2', 'Gone') // meanwhile
    if (!guard.settle(tenantId)) return reply(454, '4.7.0', 'Too many connections of your company at once, try again when some have ended')
    visit.tenantId = tenantId
    visit.acceptedAt = now()
    awaitMessage(session)
    return null
  }

  /** From now on the next message has so long to begin. It may begin as many as it likes, but one of them is to end. */
  function awaitMessage(session: SMTPServerSession): void {
    const visit = visits.get(session.id)
    if (!visit?.acceptedAt) return
    clearTimeout(visit.deadline)
    const barrenMs = after(visit.acceptedAt, limits.withoutMessageMs).getTime() - now().getTime()
    const isBarren = barrenMs < limits.betweenMessagesMs
    const late = () => dismiss(session, reply(421, '4.4.2', isBarren ? 'No message was accepted for too long' : 'No message came for too long'))
    visit.deadline = setTimeout(late, isBarren ? Math.max(barrenMs, 0) : limits.betweenMessagesMs).unref()
  }

  async function begin(program: Program, envelopeSender: string): Promise<void> {
    const { tenantId, cardId } = program.actor
    const [way] = await Promise.all([findWay(db, tenantId, cardId), assertStillWelcome(db, program)])
    if (!isOwn(way.route, envelopeSender)) throw reply(550, '5.7.1', 'MAIL FROM must be the address of the user who signed in')
    program.way = { ...way, foundAt: now() }
  }
}

/** Commands that came together (RFC 2920) are gone through before this returns: their replies leave together, and as one record of TLS. */
function answerTogether(socket: Socket | null | undefined, answer: () => void): void {
  socket?.cork()
  try {
    answer()
  } finally {
    socket?.uncork()
  }
}

/** The card's e-mail, or the envelope sender of its route: which of them a program says, the route's is used. */
function isOwn({ from, replyTo, envelopeSender }: Route, address: string): boolean {
  if (!from) throw new Refusal('noEmail')
  return [replyTo?.value, from.value.address, envelopeSender?.value].some(own => own !== undefined && isCard(address, own))
}

function answerTo(error: unknown, session: SMTPServerSession, command: string): Error {
  if (error instanceof Error && 'responseCode' in error) return error
  const known = replyFor(error)
  if (known) return known
  log.error({ event: 'doorFault', command, sessionId: session.id, err: error }, 'the SMTP door could not take a message')
  return reply(451, '4.3.0', 'Not stored, try again later')
}
