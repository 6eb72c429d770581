import { deadlineSignal, orAborted } from '@/lib/deadline-signal'
import { endingText } from './ending-text'
import { errorCodeOf, type SmtpError, TransportFailure } from './failure'
import { judge } from './judge'
import { openSocket } from './open-socket'
import { parseReply, secretHider, visible } from './server-text'
import { SmtpSession } from './smtp-session'
import type { Ending, SubmissionServer, Verdict } from './submission'
import { Transcript } from './transcript'

const checkMs = 20_000

export type ServerCheck =
  | { isReady: true }
  | ({ isReady: false; pauseReason: Verdict['pauseReason']; text: string | null } & Pick<Ending, 'phase' | 'errorCode'>)

type Time = { signal: AbortSignal; deadlineMs?: number }

/** As far as a message would come before its sender is named: connection, encryption, sign-in, and NOOP as a last word. Sends nothing. */
export async function checkServer(server: SubmissionServer, { signal, deadlineMs = checkMs }: Time): Promise<ServerCheck> {
  if (server.graphUrl) return { isReady: true } // its token was got just now, and it keeps no connection
  const hide = secretHider(server.login)
  const transcript = new Transcript(hide)
  const { signal: timesUp, clear } = deadlineSignal(deadlineMs, signal)
  let session: SmtpSession | undefined
  try {
    const { socket, address } = await openSocket(server, transcript, timesUp)
    session = new SmtpSession(server, transcript, socket, deadlineMs, address)
    const opened = session
    const signedIn = session.greet().then(() => opened.signIn())
    await orAborted(timesUp, signedIn)
    session.takeOver()
    session.wire.write('NOOP\r\n')
    const reply = await orAborted(timesUp, session.wire.next())
    if (!reply.startsWith('2')) throw Object.assign(new Error(reply), { response: reply })
    session.close()
    return { isReady: true }
  } catch (broken) {
    session?.drop()
    // wherever it was: what the layers below say of an abort is no word of ours
    const error = timesUp.aborted ? new TransportFailure('deadline', 'The check did not end in time') : broken
    const { response, message } = error as SmtpError
    const { phase } = transcript
    const reply = response ? parseReply(response, hide) : null
    const errorText = reply ? null : visible(hide(message ?? String(error)), 500)
    const ending: Ending = { phase, reply, errorCode: reply ? null : errorCodeOf(error), errorText, dataEnded: false, recipients: [] }
    return { isReady: false, phase, errorCode: ending.errorCode, pauseReason: judge(ending).pauseReason, text: endingText(ending) }
  } finally {
    clear()
  }
}
