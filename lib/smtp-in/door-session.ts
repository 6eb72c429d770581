import type { Socket } from 'node:net'
import type { SMTPServerAuthentication, SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import type { Db } from '@/db/client'
import { isStorageAway } from '@/db/is-storage-away'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { FairShare } from '@/lib/fair-share'
import { log } from '@/lib/log'
import { findWay } from '@/lib/message/find-way'
import { isCard } from '@/lib/message/raw-message'
import { noteStorageAway } from '@/lib/note-storage-away'
import { parseAddress } from '@/lib/sender/address'
import type { Route } from '@/lib/sender/route'
import { collect, type Intake } from './collect'
import type { DoorGuard, DoorLimits } from './door-limits'
import { wrongOfMail, wrongOfRcpt } from './esmtp-parameters'
import { assertStillWelcome, type Program, signIn } from './program'
import { queuedAs, reply, replyFor } from './reply'
import { takeMessage } from './take-message'
import { Visit } from './visit'

type Handlers = Required<Pick<SMTPServerOptions, 'onConnect' | 'onSecure' | 'onClose' | 'onAuth' | 'onMailFrom' | 'onRcptTo' | 'onData'>>

export const uselessCommands = ['XCLIENT', 'XFORWARD', 'WIZ', 'SHELL'] // smtp-server knows them; nobody here does

/** What the door does at each step of a conversation. `dismiss` ends one from our side, with a last word. */
export function conversations(db: Db, limits: DoorLimits, guard: DoorGuard, dismiss: (session: SMTPServerSession, said: Error) => void): Handlers {
  const visits = new Map<string, Visit>() // by session id, until it ends
  const incoming = new FairShare(limits.bytesAtOnce)

  return {
    onConnect(session, callback) {
      visits.set(session.id, new Visit(limits, guard, said => dismiss(session, said)))
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
      visits.get(session.id)?.end()
      visits.delete(session.id)
    },

    onAuth(auth, session, callback) {
      admit(auth, session).then(
        user => callback(null, { user }),
        said => callback(said),
      )
    },

    onMailFrom({ address, args }, session, callback) {
      const program: Program | undefined = session.user
      if (!program) return callback(reply(530, '5.7.0', 'Must issue a STARTTLS command first'))
      const refuse = (said: Error) => {
        forgetWishes(session)
        callback(said)
      }
      const wrong = wrongOfMail(args)
      if (wrong) return refuse(wrong)
      beginMessage(db, program, address).then(
        () => {
          const visit = visits.get(session.id)
          visit?.awaitMessage()
          answerTogether(visit?.socket, () => callback(null))
        },
        error => refuse(answerTo(error, session, 'MAIL')),
      )
    },

    onRcptTo(recipient, session, callback) {
      const wrong = wrongOfRcpt(recipient.args)
      if (wrong) return callback(wrong)
      try {
        recipient.address = parseAddress(recipient.address)
        callback(null)
      } catch (error) {
        callback(answerTo(error, session, 'RCPT'))
      }
    },

    onData(stream, session, callback) {
      const program: Program = session.user
      const answer = (said: Error | null) => {
        visits.get(session.id)?.awaitMessage()
        callback(said)
      }
      const intake = intakeOf(program, session)
      visits.get(session.id)?.takeMessage()
      collect(stream, intake, raw => {
        if (raw === null) return answer(reply(452, '4.3.1', 'Too much mail is coming in at once, try again'))
        if (stream.sizeExceeded) return answer(replyFor(new Refusal('messageTooLarge')))
        takeMessage(db, program, session, raw)
          .then(
            id => {
              visits.get(session.id)?.noteAccepted()
              answer(queuedAs(id))
            },
            error => answer(answerTo(error, session, 'DATA')),
          )
          .finally(() => intake.giveBack(raw.length))
      })
    },
  }

  /** Signs a program in and gives it a place. @throws the reply that keeps it out */
  async function admit(auth: SMTPServerAuthentication, session: SMTPServerSession): Promise<Program> {
    const program = await login(auth, session)
    const visit = visits.get(session.id)
    if (!visit) throw reply(421, '4.4.2', 'Gone') // meanwhile
    if (!visit.settle(program.actor.tenantId)) throw reply(454, '4.7.0', 'Too many connections of your company at once, try again when some have ended')
    return program
  }

  async function login({ username = '', password, authzid }: SMTPServerAuthentication, session: SMTPServerSession): Promise<Program> {
    const { remoteAddress: address } = session
    if (!(await guard.mayTry(address, username))) throw reply(454, '4.7.0', 'Too many failed logins, try again in ten minutes')
    try {
      return await signIn(db, { username, password: password ?? '', address, actsAs: authzid })
    } catch (error) {
      const refusal = replyFor(error)
      if (!refusal) {
        if (isStorageAway(error)) noteStorageAway(error, { sessionId: session.id })
        else log.error({ event: 'doorLogin', err: error }, 'a login at the SMTP door could not be checked')
        throw reply(454, '4.7.0', 'Temporary authentication failure')
      }
      await guard.noteRefusal(address, username)
      log.info({ event: 'doorLoginRefused', address, code: (error as Refusal).code }, 'a login at the SMTP door was refused')
      visits.get(session.id)?.noteRefusal()
      throw refusal
    }
  }

  function intakeOf({ actor: { tenantId } }: Program, session: SMTPServerSession): Intake {
    return {
      take: bytes => incoming.take(tenantId, bytes),
      giveBack: bytes => incoming.giveBack(tenantId, bytes),
      withinMs: limits.messageWithinMs,
      onLate: () => dismiss(session, reply(421, '4.4.2', 'The message took too long')),
    }
  }
}

/** @throws the reply to a MAIL FROM that does not begin a message; Refusal likewise */
async function beginMessage(db: Db, program: Program, envelopeSender: string): Promise<void> {
  const { tenantId, cardId } = program.actor
  const [way] = await Promise.all([findWay(db, tenantId, cardId), assertStillWelcome(db, program)])
  if (!isOwn(way.route, envelopeSender)) throw reply(550, '5.7.1', 'MAIL FROM must be the address of the user who signed in')
  program.way = { ...way, foundAt: now() }
}

/** smtp-server keeps what a MAIL FROM asks for although it is refused: it would go with the next message. */
function forgetWishes({ envelope }: SMTPServerSession): void {
  Object.assign(envelope, { dsn: { ret: null, envid: null } })
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
  if (isStorageAway(error)) noteStorageAway(error, { sessionId: session.id })
  else log.error({ event: 'doorFault', command, sessionId: session.id, err: error }, 'the SMTP door could not take a message')
  return reply(451, '4.3.0', 'Not stored, try again later')
}
